/**
 * What the people of a tenant spent in a month, as the parts of a statement: who is compared with whom, in one
 * currency. Figures stay in the database, however many they are.
 */
import { type RawBuilder, sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';
import { converted, type DayFactor, factorTable, fits, readFactors } from '../spending/read-factors.ts';

/** `month`: its first day. `currency`: the tenant's. */
export type CohortMonth = { tenantId: string; month: string; currency: string };

/** Days of the month, which an index can be asked for. */
export const inMonth = (day: RawBuilder<unknown>, month: string) =>
  statement`${day} >= ${month}::date and ${day} < (${month}::date + interval '1 month')::date`;

/**
 * Towards the tenant's currency, for every day of the month on which something was spent in another. Rides on
 * the primary key of `fx_rates`, and on `daily_spend_day` where the tenant has rates at all.
 */
export async function readMonthFactors(
  sql: Sql,
  { tenantId, month, currency }: CohortMonth,
): Promise<DayFactor[]> {
  const { rows } = await statement<{ currency: string; day: string }>`
    select distinct d.currency, d.day
    from daily_spend d
    where exists (select from fx_rates f where f.tenant_id = ${tenantId})
      and d.tenant_id = ${tenantId} and ${inMonth(statement`d.day`, month)}
      and d.currency <> ${currency} and d.expense_count <> 0`.execute(sql);
  return readFactors(sql, tenantId, currency, rows);
}

/**
 * A query of `benchmark_key`, `user_id` and `spent_minor`: each consenting person under each key they spent
 * something under, refunds taken off. Rides on `daily_spend_day`, and on `expenses_user_day` for the days in
 * other currencies.
 */
export const measureCohorts = (at: CohortMonth, factors: readonly DayFactor[]) => statement`
  select s.benchmark_key, s.user_id, s.spent_minor
  from (
    select coalesce(c.benchmark_key, d.category_id) as benchmark_key, d.user_id, sum(d.spent_minor) as spent_minor
    from (
      select d.category_id, d.user_id, d.amount_minor as spent_minor
      from daily_spend d
      where d.tenant_id = ${at.tenantId} and ${inMonth(statement`d.day`, at.month)} and d.currency = ${at.currency}
      ${factors.length === 0 ? statement`` : statement`union all ${convertedSpending(at, factors)}`}
    ) d
    left join categories c on c.tenant_id = ${at.tenantId} and c.id = d.category_id
    group by 1, 2
    having sum(d.spent_minor) > 0
  ) s
  join users u on u.tenant_id = ${at.tenantId} and u.id = s.user_id
  join tenants t on t.id = u.tenant_id
  where coalesce(u.benchmark_consent, t.benchmarks = 'opt-out')`;

/** Expense by expense, as each is rounded; one that would not fit into 64 bits is left out, as `Rates` does. */
const convertedSpending = ({ tenantId, month }: CohortMonth, factors: readonly DayFactor[]) => statement`
  select e.category_id, e.user_id, e.spent_minor
  from (
    select e.category_id, e.user_id, ${converted} as spent_minor
    from daily_spend d
    join ${factorTable(factors)} as f (currency, day, numerator, denominator)
      on f.currency = d.currency and f.day = d.day
    join expenses e on e.tenant_id = d.tenant_id and e.user_id = d.user_id and e.day = d.day
      and e.category_id = d.category_id and e.currency = d.currency
    where d.tenant_id = ${tenantId} and ${inMonth(statement`d.day`, month)} and d.expense_count <> 0
  ) e
  where ${fits(statement`e.spent_minor`)}`;
