/** Writes the instant at which a rule's next period begins for its person. `evaluate-periods` reads it. */
import { sql as statement } from 'kysely';
import { localDay, periodContaining, startOfDay } from '../../values/period.ts';
import type { Rule } from '../decide/rule.ts';
import type { Sql } from '../../runtime/database/database.ts';
import type { Person } from '../../accounts/people.ts';

export const nextPeriodAt = (rule: Pick<Rule, 'period'>, timeZone: string, now: Temporal.Instant) =>
  startOfDay(periodContaining(rule.period, localDay(now, timeZone)).end, timeZone);

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
