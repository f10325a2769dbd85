/** Cancels a notification that waited for its channels until it did not hold any more. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';
import type { NotificationRef } from '../../values/refs.ts';

/**
 * False, with nothing changed, if a channel that interrupts was tried or is still to be. Its interruption is given back to
 * the daily quota. The caller has locked the notification. Rides on primary keys and `notification_deliveries_channel`.
 */
export async function cancelUntold(
  sql: Sql,
  { tenantId, notificationId }: NotificationRef,
  reason: string,
): Promise<boolean> {
  const { rows } = await statement`
    with untold as (
      select n.tenant_id, n.id, n.user_id, n.interrupted_on
      from notification_history n
      where n.tenant_id = ${tenantId} and n.id = ${notificationId} and n.status = 'pending'
        and not exists (
          select from notification_deliveries d
          where d.tenant_id = n.tenant_id and d.notification_id = n.id and d.channel <> 'in-app' and d.status <> 'skipped'
        )
    ), freed as (
      update daily_interruptions d
      set count = d.count - 1
      from untold
      where d.tenant_id = untold.tenant_id and d.user_id = untold.user_id and d.day = untold.interrupted_on
    )
    update notification_history n
    set status = 'cancelled', reason = ${reason}, interrupted_on = null
    from untold
    where n.tenant_id = untold.tenant_id and n.id = untold.id
    returning n.id`.execute(sql);
  return rows.length > 0;
}
