/** The facts of one alert, recovery or forecast, from which every channel's message is rendered. */
import type { Channel } from '../../values/channels.ts';
import type { BudgetPeriodKind, Period } from '../../values/period.ts';
import type { Severity } from '../../values/severity.ts';

/** Kept as JSON. Days are `YYYY-MM-DD`; amounts are minor units of `currency`, in decimal. */
export type AlertFacts = {
  type: 'budget_alert' | 'recovery' | 'forecast';
  ruleId: string;
  ruleName: string;
  periodKind: BudgetPeriodKind;
  period: Period;
  /** `past`: the period is over and a late expense changed it; the message then names the period. */
  phase: 'current' | 'past';
  /** Percent of the threshold. */
  level: number;
  severity: Severity;
  spentMinor: string;
  budgetMinor: string;
  /** The part of the budget that was carried over, below zero where it became smaller. Absent or zero: none. */
  carriedMinor?: string;
  currency: string;
  /** What the period will probably end at: less than the one with 10 %, more than the other with 10 %. Of a forecast alone. */
  forecast?: { lowMinor: string; highMinor: string };
  /** The rule's channels. */
  channels: Channel[];
  /** The expense that reached the level. Absent where none did, such as an edit of the rule, and in earlier facts. */
  tippedBy?: TippingExpense;
};

/**
 * `category`: its name, else its id; null where the rule watches it alone. The amount is above zero, in minor units of its
 * own currency.
 */
export type TippingExpense = {
  merchant: string | null;
  category: string | null;
  amountMinor: string;
  currency: string;
};
