/** What is out of the ordinary among a person's charges. */
import type { AnomalyType } from '../../../values/anomaly.ts';
import type { Cadence } from '../recurring-schedule.ts';

/**
 * Figures that only some types have. `since`: the first local day of the charges that were compared. `otherDay`: the day of the
 * charge that was repeated. `charges`: how many had the new price.
 */
export type AnomalyDetails = {
  basis?: 'merchant' | 'category' | 'person';
  since?: string;
  otherDay?: string;
  cadence?: Cadence;
  charges?: number;
};

/**
 * `subject`: names what it is about, so that it is told once: an expense's id. `expenseId`: the expense that showed it; null
 * for a missed charge. `day`: its local day, or the day on which the missed charge was due. Amounts are minor units of
 * `currency`. `expectedMinor`: what is usual there, or the price before.
 */
export type Anomaly = {
  type: AnomalyType;
  subject: string;
  expenseId: string | null;
  day: string;
  merchantKey: string;
  merchant: string;
  categoryId: string;
  currency: string;
  amountMinor: bigint;
  expectedMinor: bigint | null;
  details: AnomalyDetails;
};
