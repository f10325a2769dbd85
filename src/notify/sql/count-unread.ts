/** Counts the notifications that a person has not read yet. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';
import type { PersonRef } from '../../values/refs.ts';

/**
 * A number in the person's streams shows that the app has it. A roll-up of notifications that are in the app by themselves
 * has none, and is not counted beside them. Rides on `notification_history_unread`.
 */
export async function countUnread(sql: Sql, { tenantId, userId }: PersonRef): Promise<number> {
  const { rows } = await statement<{ count: number }>`
    select count(*)::int as count
    from notification_history
    where tenant_id = ${tenantId} and user_id = ${userId} and read_at is null and stream_number is not null
    `.execute(sql);
  return rows[0]?.count ?? 0;
}
