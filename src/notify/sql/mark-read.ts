/** Records that a person has read notifications. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';
import type { PersonRef } from '../../values/refs.ts';

/** The first time stays. Does nothing for a notification that is not the person's. Rides on the primary key. */
export async function markRead(
  sql: Sql,
  person: PersonRef,
  notificationId: string,
  now: Temporal.Instant,
): Promise<void> {
  await sql
    .updateTable('notification_history')
    .set({ read_at: now.toString() })
    .where('tenant_id', '=', person.tenantId)
    .where('id', '=', notificationId)
    .where('user_id', '=', person.userId)
    .where('read_at', 'is', null)
    .execute();
}

/**
 * Returns how many were unread. Rows are locked in key order, as whoever releases notifications does. Rides on
 * `notification_history_unread`.
 */
export async function markAllRead(
  sql: Sql,
  { tenantId, userId }: PersonRef,
  now: Temporal.Instant,
): Promise<number> {
  const { numAffectedRows } = await statement`
    with unread as materialized (
      select id from notification_history
      where tenant_id = ${tenantId} and user_id = ${userId} and read_at is null
      order by id
      for no key update
    )
    update notification_history n
    set read_at = ${now.toString()}
    from unread
    where n.tenant_id = ${tenantId} and n.id = unread.id`.execute(sql);
  return Number(numAffectedRows ?? 0n);
}
