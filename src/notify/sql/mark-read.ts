/** Records that a person has read a notification. */
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
