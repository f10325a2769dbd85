/** A decision as it is on record, and as the ledger of its day needs it. */
import type { InZone } from '../../values/display.ts';
import type { Basis } from '../../values/severity.ts';
import type { DecisionOutcome } from './evaluation.ts';

/**
 * With the name of its rule, and the locale and the zone of its person. `level`: percent; null if it is about an expense
 * without a rate. `notificationId`: what the decision made.
 */
export type RecordedDecision = InZone & {
  /** Rises in the order of a rule's decisions. */
  number: string;
  ruleName: string;
  at: Temporal.Instant;
  level: number | null;
  basis: Basis;
  outcome: DecisionOutcome;
  periodStart: string;
  spentMinor: bigint;
  budgetMinor: bigint;
  currency: string;
  expenseId: string | null;
  notificationId: string | null;
  until: Temporal.Instant | null;
};

/** `category`: its name, else its id. */
export type DecidedExpense = {
  merchant: string | null;
  category: string;
  amountMinor: bigint;
  currency: string;
  spentAt: Temporal.Instant;
};

/** `before`: the decision about the same level of the period before this one. `expense`: null if it is the person's no more. */
export type DayDecision = RecordedDecision & {
  ruleId: string;
  before: DecisionOutcome | null;
  expense: DecidedExpense | null;
};
