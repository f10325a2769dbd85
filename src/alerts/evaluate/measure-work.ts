/** Makes the work that measures a rule's period, for a new or edited rule, a new period or a repair. */
import type { Cause } from '../decide/evaluation.ts';
import { localDay, type Period, periodContaining, phaseOf } from '../../values/period.ts';
import type { Rule } from '../decide/rule.ts';
import type { Person } from '../../accounts/people.ts';
import type { RulePeriod, Step } from '../decide/spending.ts';
import type { ChangedExpenses } from './find-tipping-expense.ts';

/** `steps` 'measure': the spending is measured from the stored totals and expenses, not taken from increments. */
export type PeriodWork = Omit<RulePeriod, 'steps'> & {
  steps: readonly Step[] | 'measure';
  cause: Cause;
  person: Person;
  /** Absent where no events caused it. */
  expenses?: ChangedExpenses;
};

/** Measures the rule's current period from the daily totals. Empty if it has none. */
export function currentPeriodWork(
  rule: Rule,
  person: Person,
  cause: Cause,
  now: Temporal.Instant,
): PeriodWork[] {
  const period = periodContaining(rule.period, localDay(now, person.timeZone));
  return period ? [measureWork(rule, period, person, cause, now)] : [];
}

export const measureWork = (
  rule: Rule,
  period: Period,
  person: Person,
  cause: Cause,
  now: Temporal.Instant,
): PeriodWork => ({
  rule,
  period,
  phase: phaseOf(rule.period, period, person.timeZone, now),
  steps: 'measure',
  unrated: [],
  cause,
  person,
});
