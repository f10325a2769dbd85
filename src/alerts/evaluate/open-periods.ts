/**
 * Evaluates rules whose next period has begun against the expenses that are already dated in it, and switches rules off
 * whose only period has closed.
 */
import { sql as statement } from 'kysely';
import type { Database, Sql } from '../../runtime/database/database.ts';
import { isAmong, lockedPerson, lockFreePeople } from '../../accounts/people.ts';
import { isSetAside } from '../../accounts/set-aside.ts';
import { type PersonRef, tenantsOf } from '../../values/refs.ts';
import { lockRatesShared } from '../spending/lock-rates.ts';
import { isClosed } from '../../values/period.ts';
import { switchOffClosed } from '../rules/switch-off.ts';
import { currentPeriodWork } from './measure-work.ts';
import { writeNextPeriods } from '../rules/write-next-periods.ts';
import { readActiveRules } from '../rules/read-active-rules.ts';
import { evaluateRulePeriods } from './evaluate-rule-periods.ts';
import type { Evaluated } from './write-evaluations.ts';

/** `rules`: whose periods have begun, or have closed as the only ones. `busy`: left out, because another transaction holds them. */
export async function openPeriods(
  db: Database,
  asked: readonly PersonRef[],
  now: Temporal.Instant,
): Promise<Evaluated & { rules: number; busy: PersonRef[] }> {
  return db.transaction(tenantsOf(asked), async (sql) => {
    await lockRatesShared(sql, tenantsOf(asked));
    const { people, busy } = await lockFreePeople(sql, asked);
    const locked = [...people.values()];
    const due = await findDue(sql, locked, now);
    const rules = [...(await readActiveRules(sql, locked)).values()].flat();
    const looked = rules
      .filter(({ id }) => due.has(id))
      .map((rule) => ({ rule, person: lockedPerson(people, rule) }));
    await writeNextPeriods(sql, looked, now);
    const closed = looked.filter(({ rule, person }) => isClosed(rule.period, person.timeZone, now));
    await switchOffClosed(
      sql,
      closed.map(({ rule }) => rule),
      now,
    );
    // A rule that has closed has no current period.
    const works = looked.flatMap(({ rule, person }) => currentPeriodWork(rule, person, 'spending', now));
    return { rules: looked.length, busy, ...(await evaluateRulePeriods(sql, works, now)) };
  });
}

/** Finds at most `limit` people with a rule whose next period has begun. Rides on `smart_alert_rules_next_period`. */
export async function findNewPeriods(
  sql: Sql,
  tenantIds: readonly string[],
  limit: number,
  now: Temporal.Instant,
  busy: readonly PersonRef[] = [],
): Promise<PersonRef[]> {
  const { rows } = await statement<{ tenant_id: string; user_id: string }>`
    select tenant_id, user_id
    from smart_alert_rules r
    where tenant_id = any(${tenantIds}::uuid[]) and is_active and next_period_at <= ${now.toString()}
      and not ${isSetAside('r.tenant_id', 'r.user_id', 'evaluate-periods', now)}
      and not ${isAmong('r.tenant_id', 'r.user_id', busy)}
    group by tenant_id, user_id
    order by min(next_period_at), tenant_id, user_id
    limit ${limit}`.execute(sql);
  return rows.map((row) => ({ tenantId: row.tenant_id, userId: row.user_id }));
}

/** The ids of rules. Rides on `smart_alert_rules_active`. */
async function findDue(sql: Sql, people: readonly PersonRef[], now: Temporal.Instant): Promise<Set<string>> {
  const { rows } = await statement<{ id: string }>`
    select r.id
    from unnest(
      ${people.map(({ tenantId }) => tenantId)}::uuid[],
      ${people.map(({ userId }) => userId)}::text[]
    ) as asked (tenant_id, user_id)
    join smart_alert_rules r using (tenant_id, user_id)
    where r.is_active and r.next_period_at <= ${now.toString()}`.execute(sql);
  return new Set(rows.map(({ id }) => id));
}
