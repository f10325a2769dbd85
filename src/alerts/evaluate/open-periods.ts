/** Evaluates rules whose next period has begun against the expenses that are already dated in it. */
import { sql as statement } from 'kysely';
import type { Database, Sql } from '../../runtime/database/database.ts';
import { lockedPerson, lockPeople } from '../../accounts/people.ts';
import { lockRatesShared } from '../spending/lock-rates.ts';
import { currentPeriodWork } from './measure-work.ts';
import { writeNextPeriods } from '../rules/write-next-periods.ts';
import { readActiveRules } from '../rules/read-active-rules.ts';
import { evaluateRulePeriods } from './evaluate-rule-periods.ts';
import type { Evaluated } from './write-evaluations.ts';

/** Handles at most `limit` rules. A result of exactly `limit` means that there may be more. */
export async function openPeriods(
  db: Database,
  tenantIds: readonly string[],
  limit: number,
  now: Temporal.Instant,
): Promise<Evaluated & { rules: number }> {
  return db.transaction(tenantIds, async (sql) => {
    const found = await findDue(sql, tenantIds, limit, now);
    // Only the tenants concerned: one lock for every tenant would fill the database's lock table.
    const concerned = [...new Set(found.map(({ tenantId }) => tenantId))];
    await lockRatesShared(sql, concerned);
    const refs = await findDue(sql, concerned, limit, now);
    const due = new Set(refs.map(({ ruleId }) => ruleId));
    const people = await lockPeople(sql, refs);
    const rules = [...(await readActiveRules(sql, [...people.values()])).values()].flat();
    const works = rules
      .filter(({ id }) => due.has(id))
      .map((rule) => currentPeriodWork(rule, lockedPerson(people, rule), 'spending', now));
    await writeNextPeriods(sql, works, now);
    return { rules: found.length, ...(await evaluateRulePeriods(sql, works, now)) };
  });
}

/** Rides on `smart_alert_rules_next_period`. */
async function findDue(sql: Sql, tenantIds: readonly string[], limit: number, now: Temporal.Instant) {
  const { rows } = await statement<{ tenant_id: string; id: string; user_id: string }>`
    select tenant_id, id, user_id from smart_alert_rules
    where tenant_id = any(${tenantIds}::uuid[]) and is_active and next_period_at <= ${now.toString()}
    order by next_period_at limit ${limit}`.execute(sql);
  return rows.map((row) => ({ tenantId: row.tenant_id, userId: row.user_id, ruleId: row.id }));
}
