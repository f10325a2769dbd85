/**
 * Evaluates the rules of people whose sums are still at former exchange rates, some people at a time. It holds the lock on
 * the rates shared, as any evaluation does, so everybody else's events are evaluated meanwhile.
 *
 * A portion is one transaction. A crash leaves the others stale, and the next run goes on with them.
 */
import { sql as statement } from 'kysely';
import { isSetAside } from '../accounts/set-aside.ts';
import { isAmong, lockedPerson, lockFreePeople, type Person } from '../accounts/people.ts';
import { measureWork, type PeriodWork } from '../alerts/evaluate/measure-work.ts';
import { evaluateRulePeriods } from '../alerts/evaluate/evaluate-rule-periods.ts';
import type { Evaluated } from '../alerts/evaluate/write-evaluations.ts';
import type { Rule } from '../alerts/decide/rule.ts';
import { readActiveRules } from '../alerts/rules/read-active-rules.ts';
import { lockRatesShared } from '../alerts/spending/lock-rates.ts';
import type { Database, Sql } from '../runtime/database/database.ts';
import { columnOf } from '../runtime/database/column-of.ts';
import { periodContaining } from '../values/period.ts';
import { type PersonRef, tenantsOf } from '../values/refs.ts';
import { coversCategory } from '../alerts/spending/covers-category.ts';

/** The scheduled job that does it. */
export const repriceJob = 'reprice-expenses';

/** A rule, and a day with an expense that counts in it and has another currency. */
export type CoveredDay = { id: string; day: string };

/** `expenses`: that were priced anew. `busy`: people left out, because another transaction holds them. */
export async function repricePeople(
  db: Database,
  asked: readonly PersonRef[],
  now: Temporal.Instant,
): Promise<Evaluated & { expenses: number; busy: PersonRef[] }> {
  return db.transaction(tenantsOf(asked), async (sql) => {
    await lockRatesShared(sql, tenantsOf(asked));
    const { people, busy } = await lockFreePeople(sql, asked);
    const locked = [...people.values()];
    const covered = await findStaleDays(sql, locked);
    const evaluated = await evaluateRulePeriods(sql, await worksOf(sql, people, covered, now), now);
    return { ...evaluated, expenses: await endStaleness(sql, locked), busy };
  });
}

/** Makes the work that measures the periods which contain those days. The caller has locked the people. */
export async function worksOf(
  sql: Sql,
  people: ReadonlyMap<string, Person>,
  covered: readonly CoveredDay[],
  now: Temporal.Instant,
): Promise<PeriodWork[]> {
  const rules = [...(await readActiveRules(sql, [...people.values()])).values()].flat();
  const days = Map.groupBy(covered, ({ id }) => id);
  return rules.flatMap((rule) =>
    periodsOf(rule, days.get(rule.id) ?? []).map((period) =>
      measureWork(rule, period, lockedPerson(people, rule), 'spending', now),
    ),
  );
}

function periodsOf(rule: Rule, covered: readonly CoveredDay[]) {
  const periods = covered.flatMap(({ day }) => periodContaining(rule.period, day) ?? []);
  return [...new Map(periods.map((period) => [period.start, period])).values()];
}

/** Finds at most `limit` people with stale prices, some of each tenant, without `busy`. Rides on the primary key. */
export async function findStalePeople(
  sql: Sql,
  tenantIds: readonly string[],
  limit: number,
  now: Temporal.Instant,
  busy: readonly PersonRef[],
): Promise<PersonRef[]> {
  const { rows } = await statement<{ tenant_id: string; user_id: string }>`
    select tenant_id, user_id
    from unnest(${tenantIds}::uuid[]) as t (id)
    cross join lateral (
      select p.tenant_id, p.user_id, row_number() over (order by p.user_id) as turn
      from (
        select distinct s.tenant_id, s.user_id
        from stale_prices s
        where s.tenant_id = t.id and not ${isSetAside('s.tenant_id', 's.user_id', repriceJob, now)}
          and not ${isAmong('s.tenant_id', 's.user_id', busy)}
        order by s.tenant_id, s.user_id
        limit ${limit}
      ) p
    ) p
    order by turn, tenant_id
    limit ${limit}`.execute(sql);
  return rows.map((row) => ({ tenantId: row.tenant_id, userId: row.user_id }));
}

/** Rides on `smart_alert_rules_active` and the primary keys of `stale_prices` and `daily_spend`. */
async function findStaleDays(sql: Sql, people: readonly PersonRef[]): Promise<CoveredDay[]> {
  const column = columnOf(people);
  const { rows } = await statement<CoveredDay>`
    select distinct r.id, d.day
    from unnest(
      ${column(({ tenantId }) => tenantId)}::uuid[],
      ${column(({ userId }) => userId)}::text[]
    ) as asked (tenant_id, user_id)
    join stale_prices s using (tenant_id, user_id)
    join smart_alert_rules r using (tenant_id, user_id)
    join daily_spend d using (tenant_id, user_id)
    where r.is_active and d.day between s.first_day and s.last_day
      and d.currency <> r.currency and d.expense_count <> 0
      and ${coversCategory(statement.ref('r'), statement.ref('d.category_id'))}`.execute(sql);
  return rows;
}

/** The lock on the rates keeps new rows out. Returns how many expenses they covered. Rides on the primary key. */
async function endStaleness(sql: Sql, people: readonly PersonRef[]): Promise<number> {
  const column = columnOf(people);
  const { rows } = await statement<{ expenses: number }>`
    with ended as (
      delete from stale_prices s
      using unnest(
        ${column(({ tenantId }) => tenantId)}::uuid[],
        ${column(({ userId }) => userId)}::text[]
      ) as asked (tenant_id, user_id)
      where s.tenant_id = asked.tenant_id and s.user_id = asked.user_id
      returning s.expense_count
    )
    select coalesce(sum(expense_count), 0)::int as expenses from ended`.execute(sql);
  return rows[0]?.expenses ?? 0;
}
