/**
 * Rebuilds people's sums from their expenses, and evaluates their rules again. Used when a person changes time zone,
 * and to repair a difference.
 */
import { sql as statement } from 'kysely';
import type { Period } from '../../values/period.ts';
import type { Rule } from '../decide/rule.ts';
import type { Database, Sql } from '../../runtime/database/database.ts';
import { lockedPerson, lockPeople, type Person } from '../../accounts/people.ts';
import { lockRatesShared } from './lock-rates.ts';
import { currentPeriodWork, measureWork, type PeriodWork } from '../evaluate/measure-work.ts';
import { writeNextPeriods } from '../rules/write-next-periods.ts';
import { readMeasuredPeriods } from '../rules/read-measured-periods.ts';
import { readActiveRules } from '../rules/read-active-rules.ts';
import { evaluateRulePeriods } from '../evaluate/evaluate-rule-periods.ts';
import type { Evaluated } from '../evaluate/write-evaluations.ts';
import type { PersonRef } from '../../values/refs.ts';

export async function rebuildSpending(
  db: Database,
  people: readonly PersonRef[],
  now: Temporal.Instant,
): Promise<Evaluated> {
  const tenantIds = [...new Set(people.map(({ tenantId }) => tenantId))];
  return db.transaction(tenantIds, async (sql) => {
    await lockRatesShared(sql, tenantIds);
    return rebuildLocked(sql, await lockPeople(sql, people), now);
  });
}

/** The caller has locked the tenants' rates first, and then the people. */
export async function rebuildLocked(
  sql: Sql,
  people: ReadonlyMap<string, Person>,
  now: Temporal.Instant,
): Promise<Evaluated> {
  const locked = [...people.values()];
  await rebuildDailySpend(sql, locked);
  const rules = [...(await readActiveRules(sql, locked)).values()].flat();
  const known = await readMeasuredPeriods(sql, rules);
  const works = rules.flatMap((rule) =>
    measureAllPeriods(rule, lockedPerson(people, rule), known.get(rule.id) ?? [], now),
  );
  const ruled = rules.map((rule) => ({ rule, person: lockedPerson(people, rule) }));
  await writeNextPeriods(sql, ruled, now);
  return evaluateRulePeriods(sql, works, now);
}

/** Makes the work for the current period, if there is one, and for every other period that was measured before. */
function measureAllPeriods(
  rule: Rule,
  person: Person,
  known: readonly Period[],
  now: Temporal.Instant,
): PeriodWork[] {
  const current = currentPeriodWork(rule, person, 'spending', now);
  const others = known.filter(({ start, end }) =>
    current.every(({ period }) => start !== period.start || end !== period.end),
  );
  return [...others.map((period) => measureWork(rule, period, person, 'spending', now)), ...current];
}

/** Rides on the primary key of `daily_spend` and on `expenses_user_day`. */
async function rebuildDailySpend(sql: Sql, people: readonly PersonRef[]): Promise<void> {
  const tenantIds = people.map(({ tenantId }) => tenantId);
  const userIds = people.map(({ userId }) => userId);
  await statement`
    delete from daily_spend where (tenant_id, user_id) in (
      select tenant_id, user_id
      from unnest(${tenantIds}::uuid[], ${userIds}::text[]) as p (tenant_id, user_id)
    )`.execute(sql);
  await statement`
    insert into daily_spend (tenant_id, user_id, day, category_id, currency, amount_minor, expense_count)
    select e.tenant_id, e.user_id, e.day, e.category_id, e.currency, sum(e.amount_minor), count(*)
    from unnest(${tenantIds}::uuid[], ${userIds}::text[]) as p (tenant_id, user_id)
    join expenses e using (tenant_id, user_id)
    where e.day is not null
    group by e.tenant_id, e.user_id, e.day, e.category_id, e.currency`.execute(sql);
}
