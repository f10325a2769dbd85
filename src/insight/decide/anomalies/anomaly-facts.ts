/** The facts of one anomaly, from which every channel's message is rendered. */
import type { AnomalyType } from '../../../values/anomaly.ts';
import type { Channel } from '../../../values/channels.ts';
import type { Severity } from '../../../values/severity.ts';
import type { Anomaly, AnomalyDetails } from './anomaly.ts';

/** Kept as JSON. Days are `YYYY-MM-DD`; amounts are minor units of `currency`, in decimal. */
export type AnomalyFacts = AnomalyDetails & {
  type: 'anomaly';
  anomalyId: string;
  kind: AnomalyType;
  severity: Severity;
  merchant: string;
  day: string;
  amountMinor: string;
  /** Null: nothing was expected. */
  expectedMinor: string | null;
  currency: string;
  channels: Channel[];
};

/** An anomaly has no rule with channels of its own. */
const channels: readonly Channel[] = ['in-app', 'email'];

const severityOfAnomaly = (type: AnomalyType): Severity =>
  type === 'unusual_amount' || type === 'duplicate_charge' ? 'warning' : 'info';

export const anomalyFacts = (
  id: string,
  {
    type,
    merchant,
    day,
    amountMinor,
    expectedMinor,
    currency,
    details,
  }: Omit<Anomaly, 'subject' | 'merchantKey'>,
): AnomalyFacts => ({
  ...details,
  type: 'anomaly',
  anomalyId: id,
  kind: type,
  severity: severityOfAnomaly(type),
  merchant,
  day,
  amountMinor: amountMinor.toString(),
  expectedMinor: expectedMinor?.toString() ?? null,
  currency,
  channels: [...channels],
});
