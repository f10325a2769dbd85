/** Reads a person's current spending by month and benchmark key, in their tenant's currency. */
import { sql as statement } from 'kysely';
import type { OwnMonth } from '../decide/comparison.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { type Measured, measureSpending } from '../../alerts/spending/measure-spending.ts';
import type { PersonRef } from '../../values/refs.ts';

/** Local days, `endDay` exclusive. A null `benchmarkKey` asks for every key. */
type Asked = { firstDay: string; endDay: string; benchmarkKey: string | null };

export type OwnSpending = OwnMonth & { benchmarkKey: string };

type Row = Measured & { benchmark_key: string; month: string };

/**
 * Leaves out months without expenses, and expenses without a rate. Rides on the primary key of `daily_spend`.
 * Months with other currencies also ride on `expenses_user_day`.
 */
export async function readOwnSpending(
  sql: Sql,
  { tenantId, userId }: PersonRef,
  { firstDay, endDay, benchmarkKey }: Asked,
): Promise<OwnSpending[]> {
  const { rows } = await statement<Row>`
    select s.tenant_id, s.currency, s.benchmark_key, s.month, s.own_minor,
      case when s.is_foreign then (
        select jsonb_agg(jsonb_build_array(e.id, e.day, e.currency, e.amount_minor::text) order by e.day, e.id)
        from expenses e
        join categories c on c.tenant_id = e.tenant_id and c.id = e.category_id
        where e.tenant_id = s.tenant_id and e.user_id = ${userId}
          and e.day >= s.month and e.day < (s.month + interval '1 month')::date
          and e.currency <> s.currency and coalesce(c.benchmark_key, c.id) = s.benchmark_key
      ) end as foreign_expenses
    from (
      select d.tenant_id, t.currency, coalesce(c.benchmark_key, c.id) as benchmark_key,
        date_trunc('month', d.day)::date as month,
        coalesce(sum(d.amount_minor) filter (where d.currency = t.currency), 0) as own_minor,
        bool_or(d.currency <> t.currency) as is_foreign
      from daily_spend d
      join tenants t on t.id = d.tenant_id
      join categories c on c.tenant_id = d.tenant_id and c.id = d.category_id
      where d.tenant_id = ${tenantId} and d.user_id = ${userId}
        and d.day >= ${firstDay}::date and d.day < ${endDay}::date and d.expense_count <> 0
        and (${benchmarkKey}::text is null or coalesce(c.benchmark_key, c.id) = ${benchmarkKey})
      group by d.tenant_id, t.currency, 3, 4
    ) s`.execute(sql);
  return (await measureSpending(sql, rows)).map(({ benchmark_key, month, measured }) => ({
    benchmarkKey: benchmark_key,
    month,
    spentMinor: measured.spentMinor,
  }));
}
