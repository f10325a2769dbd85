/** Settles rules on what was already spent: the work of a rule made or changed, and of a period begun. */
import type { Cause } from '../decide/levels.ts';
import { localDay, type Period, periodContaining, phaseOf } from '../../values/period.ts';
import type { Rule } from '../decide/rule.ts';
import type { Person } from '../../accounts/people.ts';
import type { PeriodWork } from './evaluate-rule-periods.ts';

/** The rule's current period, to be measured from the daily totals. */
export const currentPeriodWork = (
  rule: Rule,
  person: Person,
  cause: Cause,
  now: Temporal.Instant,
): PeriodWork =>
  measureWork(rule, periodContaining(rule.period, localDay(now, person.timeZone)), person, cause, now);

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
