/**
 * Announces a notification to its person's live streams, by giving it the next number of the stream. A signal tells
 * the web processes to read it; a lost signal only makes them read it later.
 */
import { sql as statement } from 'kysely';
import type { Database } from '../../../runtime/database/database.ts';
import type { NotificationRef } from '../../../values/refs.ts';

/** The channel of the signals. A payload is the `personKey` of who has a new notification. */
export const announcements = 'spendwatch_announcements';

/**
 * Idempotent: the first number stays. The row of `stream_heads` is locked until the number is committed, so that a
 * person's numbers become visible in order. A reader who sees one sees all below it, and none can appear in between
 * later. The notification is locked first, as it is deleted when its person is erased. A number may stay unused if two
 * calls announce one notification at once. Rides on primary keys.
 */
export const announceNotification = (
  db: Database,
  { tenantId, notificationId }: NotificationRef,
): Promise<void> =>
  db.transaction([tenantId], async (sql) => {
    await statement`
      with head as (
        insert into stream_heads as h (tenant_id, user_id, last_number)
        select n.tenant_id, n.user_id, 1
        from notification_history n
        where n.tenant_id = ${tenantId} and n.id = ${notificationId} and n.stream_number is null
        for no key update
        on conflict (tenant_id, user_id) do update set last_number = h.last_number + 1
        returning h.tenant_id, h.last_number
      ), numbered as (
        update notification_history n
        set stream_number = head.last_number
        from head
        where n.tenant_id = head.tenant_id and n.id = ${notificationId} and n.stream_number is null
        returning n.tenant_id, n.user_id
      )
      select pg_notify(${announcements}, tenant_id || ' ' || user_id) from numbered`.execute(sql);
  });
