/** Reads the day on which people first spent. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';

/**
 * Keyed by person: the local day of their first live expense in each category. Rides on the primary key of
 * `daily_spend`.
 */
export async function readFirstDays(
  sql: Sql,
  tenantId: string,
  userIds: readonly string[],
): Promise<Map<string, Map<string, string>>> {
  const { rows } = await statement<{ user_id: string; category_id: string; day: string }>`
    select user_id, category_id, min(day) as day
    from daily_spend
    where tenant_id = ${tenantId} and user_id = any(${userIds}::text[]) and expense_count <> 0
    group by user_id, category_id`.execute(sql);
  const byPerson = Map.groupBy(rows, ({ user_id }) => user_id);
  return new Map(
    [...byPerson].map(([userId, own]) => [
      userId,
      new Map(own.map(({ category_id, day }) => [category_id, day])),
    ]),
  );
}
