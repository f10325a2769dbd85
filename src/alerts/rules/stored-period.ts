/** Budget periods as a rule's row keeps them. */
import { type BudgetPeriod, budgetPeriodKind, isOnce, type PeriodKind } from '../../values/period.ts';

export type PeriodRow = {
  period: string;
  period_rrule: string | null;
  period_start: string | null;
  period_end: string | null;
};

export const periodColumns = (period: BudgetPeriod): PeriodRow => ({
  period: budgetPeriodKind(period),
  period_rrule: typeof period === 'string' || isOnce(period) ? null : period.rrule,
  period_start: typeof period === 'string' ? null : period.start,
  period_end: isOnce(period) ? period.end : null,
});

/** Columns are missing in a row that a process of the version before has cached. */
export function toBudgetPeriod(row: Pick<PeriodRow, 'period'> & Partial<PeriodRow>): BudgetPeriod {
  const { period, period_rrule: rrule, period_start: start, period_end: end } = row;
  // Only values of the type are ever stored.
  if (!start) return period as PeriodKind;
  if (rrule) return { rrule, start };
  if (!end) throw new Error('a period of a rule has no end');
  return { start, end };
}
