/** Adds the changes of a batch to the daily totals. */
import { sql as statement } from 'kysely';
import type { DailyDelta } from '../decide/spending.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { columnOf } from '../../runtime/database/column-of.ts';

/** The caller has locked the people, so no two transactions write the same row. Rides on the primary key. */
export async function writeDailySpend(sql: Sql, deltas: readonly DailyDelta[]): Promise<void> {
  if (deltas.length === 0) return;
  const column = columnOf(deltas);
  await statement`
    insert into daily_spend (tenant_id, user_id, day, category_id, currency, amount_minor, expense_count)
    select * from unnest(
      ${column((delta) => delta.tenantId)}::uuid[],
      ${column((delta) => delta.userId)}::text[],
      ${column((delta) => delta.day)}::date[],
      ${column((delta) => delta.categoryId)}::text[],
      ${column((delta) => delta.currency)}::text[],
      ${column((delta) => delta.amountMinor.toString())}::numeric[],
      ${column((delta) => delta.count)}::int[]
    )
    on conflict (tenant_id, user_id, day, category_id, currency) do update
    set amount_minor = daily_spend.amount_minor + excluded.amount_minor,
      expense_count = daily_spend.expense_count + excluded.expense_count`.execute(sql);
}
