/** Settles rules on what was already spent: the work of a rule made or changed, and of a period begun. */
import type { Cause } from '../../domain/alert.ts';
import { localDay, type Period, periodContaining, phaseOf } from '../../domain/period.ts';
import type { Rule } from '../../domain/rule.ts';
import type { PeriodWork } from './settle-periods.ts';

/** The rule's current period, to be measured from the daily totals. */
export const currentPeriodWork = (
  rule: Rule,
  timeZone: string,
  cause: Cause,
  now: Temporal.Instant,
): PeriodWork =>
  measureWork(rule, periodContaining(rule.period, localDay(now, timeZone)), timeZone, cause, now);

export const measureWork = (
  rule: Rule,
  period: Period,
  timeZone: string,
  cause: Cause,
  now: Temporal.Instant,
): PeriodWork => ({
  rule,
  period,
  phase: phaseOf(rule.period, period, timeZone, now),
  steps: 'measure',
  unrated: [],
  cause,
  timeZone,
});
