/**
 * Finds the spans in which people spent anything. On most days most people do not, and then there is nothing
 * to sum.
 */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';
import type { AskedSpan } from './read-span-spending.ts';
import { columnOf } from '../../runtime/database/column-of.ts';

/** In the order of `asked`. Rides on the primary key of `daily_spend`. */
export async function findSpentSpans(sql: Sql, asked: readonly AskedSpan[]): Promise<boolean[]> {
  if (asked.length === 0) return [];
  const column = columnOf(asked);
  const { rows } = await statement<{ is_spent: boolean }>`
    select exists (
        select
        from daily_spend d
        where d.tenant_id = k.tenant_id and d.user_id = k.user_id and d.day >= k.start and d.day < k.end
          and d.expense_count <> 0
      ) as is_spent
    from unnest(
      ${column(({ tenantId }) => tenantId)}::uuid[],
      ${column(({ userId }) => userId)}::text[],
      ${column(({ span }) => span.start)}::date[],
      ${column(({ span }) => span.end)}::date[]
    ) with ordinality as k (tenant_id, user_id, start, "end", position)
    order by k.position`.execute(sql);
  return rows.map(({ is_spent: isSpent }) => isSpent);
}
