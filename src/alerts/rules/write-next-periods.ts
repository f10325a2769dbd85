/** Writes the instant at which `evaluate-periods` has to look at a rule again. */
import { sql as statement } from 'kysely';
import { closingAt, isOnce, localDay, periodToShow, startOfDay } from '../../values/period.ts';
import type { Rule } from '../decide/rule.ts';
import type { Sql } from '../../runtime/database/database.ts';
import type { Person } from '../../accounts/people.ts';

/**
 * The instant at which the rule's next period begins for its person. A single period that has begun has none after it: its
 * instant is that at which it closes.
 */
export function nextPeriodAt(
  { period }: Pick<Rule, 'period'>,
  timeZone: string,
  now: Temporal.Instant,
): Temporal.Instant {
  const today = localDay(now, timeZone);
  const shown = periodToShow(period, today);
  if (today < shown.start) return startOfDay(shown.start, timeZone);
  return isOnce(period) ? closingAt(period, shown, timeZone) : startOfDay(shown.end, timeZone);
}

/** Rides on the primary key of `smart_alert_rules`. */
export async function writeNextPeriods(
  sql: Sql,
  rules: readonly { rule: Rule; person: Person }[],
  now: Temporal.Instant,
): Promise<void> {
  await statement`
    update smart_alert_rules r set next_period_at = given.at
    from unnest(
      ${rules.map(({ rule }) => rule.tenantId)}::uuid[],
      ${rules.map(({ rule }) => rule.id)}::uuid[],
      ${rules.map(({ rule, person }) => nextPeriodAt(rule, person.timeZone, now).toString())}::timestamptz[]
    ) as given (tenant_id, id, at)
    where r.tenant_id = given.tenant_id and r.id = given.id`.execute(sql);
}
