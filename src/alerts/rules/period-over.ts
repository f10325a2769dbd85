/** Keeps rules from becoming active whose only period is over. */
import { type BudgetPeriod, isOver, localDay } from '../../values/period.ts';

/** Nothing was written, so the transaction is to be rolled back. */
export class PeriodOver extends Error {}

/** Throws `PeriodOver`. */
export function assertAhead(period: BudgetPeriod, timeZone: string, now: Temporal.Instant): void {
  if (isOver(period, localDay(now, timeZone))) throw new PeriodOver();
}
