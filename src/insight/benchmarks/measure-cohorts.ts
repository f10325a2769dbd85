/**
 * Parts of a statement that measures a tenant's spending in a month by cohort, in one currency. Figures stay
 * in the database, because they may be very many.
 */
import { type RawBuilder, sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';
import { converted, type DayFactor, factorTable, fits, readFactors } from '../spending/read-factors.ts';

/** `month` is its first day. `currency` is the tenant's. */
export type CohortMonth = { tenantId: string; month: string; currency: string };

/** Selects the days of the month by a range, which an index can serve. */
export const inMonth = (day: RawBuilder<unknown>, month: string) =>
  statement`${day} >= ${month}::date and ${day} < (${month}::date + interval '1 month')::date`;

/**
 * Reads the factors into the tenant's currency for every day of the month with spending in another currency.
 * Rides on the primary key of `fx_rates`. If the tenant has rates, it also rides on `daily_spend_day`.
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
 * A query of `benchmark_key`, `user_id` and `spent_minor`. It has each consenting person under each key with
 * positive net spending; pending expenses are left out. Rides on `daily_spend_day` and `expenses_pending`. Days in other
 * currencies also ride on `expenses_user_day`.
 */
export const measureCohorts = (at: CohortMonth, factors: readonly DayFactor[]) => statement`
  select s.benchmark_key, s.user_id, s.spent_minor
  from (
    select coalesce(c.benchmark_key, d.category_id) as benchmark_key, d.user_id, sum(d.spent_minor) as spent_minor
    from (
      select d.category_id, d.user_id, d.amount_minor as spent_minor
      from daily_spend d
      where d.tenant_id = ${at.tenantId} and ${inMonth(statement`d.day`, at.month)} and d.currency = ${at.currency}
      union all
      select e.category_id, e.user_id, -e.amount_minor
      from expenses e
      where e.tenant_id = ${at.tenantId} and ${inMonth(statement`e.day`, at.month)} and e.currency = ${at.currency}
        and e.status = 'pending'
      ${factors.length === 0 ? statement`` : statement`union all ${convertedSpending(at, factors)}`}
    ) d
    left join categories c on c.tenant_id = ${at.tenantId} and c.id = d.category_id
    group by 1, 2
    having sum(d.spent_minor) > 0
  ) s
  join users u on u.tenant_id = ${at.tenantId} and u.id = s.user_id
  join tenants t on t.id = u.tenant_id
  where coalesce(u.benchmark_consent, t.benchmarks = 'opt-out')`;

/**
 * Converts each expense by itself, because each is rounded. An amount beyond 64 bits is left out, as in
 * `Rates`.
 */
const convertedSpending = ({ tenantId, month }: CohortMonth, factors: readonly DayFactor[]) => statement`
  select e.category_id, e.user_id, e.spent_minor
  from (
    select e.category_id, e.user_id, ${converted} as spent_minor
    from daily_spend d
    join ${factorTable(factors)} as f (currency, day, numerator, denominator)
      on f.currency = d.currency and f.day = d.day
    join expenses e on e.tenant_id = d.tenant_id and e.user_id = d.user_id and e.day = d.day
      and e.category_id = d.category_id and e.currency = d.currency and e.status is distinct from 'pending'
    where d.tenant_id = ${tenantId} and ${inMonth(statement`d.day`, month)} and d.expense_count <> 0
  ) e
  where ${fits(statement`e.spent_minor`)}`;
