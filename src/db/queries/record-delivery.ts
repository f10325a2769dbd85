/** Records what came of a claimed delivery and, with its last one, how the notification ended. */
import { sql as statement } from 'kysely';
import type { DeliveryRecord } from '../../domain/delivery.ts';
import type { Database, Sql } from '../database.ts';
import type { DeliveryRef } from './claim-delivery.ts';

export type ClaimRef = DeliveryRef & { attempt: number };

/** False, and nothing changed, where the delivery is no longer held by this attempt. */
export const recordDelivery = (
  db: Database,
  ref: ClaimRef,
  record: DeliveryRecord,
  now: Temporal.Instant,
): Promise<boolean> =>
  db.transaction([ref.tenantId], async (sql) => {
    const notificationId = await lockNotification(sql, ref);
    if (notificationId === null || !(await writeRecord(sql, ref, record, now))) return false;
    await settleNotification(sql, ref.tenantId, notificationId, now);
    return true;
  });

/**
 * Locks the notification first: of two last deliveries recorded at the same moment each would else find the
 * other still sending, and neither would settle. Primary keys.
 */
async function lockNotification(sql: Sql, { tenantId, deliveryId }: DeliveryRef): Promise<string | null> {
  const { rows } = await statement<{ id: string }>`
    select n.id
    from notification_deliveries d
    join notification_history n on n.tenant_id = d.tenant_id and n.id = d.notification_id
    where d.tenant_id = ${tenantId} and d.id = ${deliveryId}
    for no key update of n`.execute(sql);
  return rows[0]?.id ?? null;
}

async function writeRecord(
  sql: Sql,
  ref: ClaimRef,
  { status, reason }: DeliveryRecord,
  now: Temporal.Instant,
): Promise<boolean> {
  const { numUpdatedRows } = await sql
    .updateTable('notification_deliveries')
    .set({
      status,
      failure_reason: reason,
      changed_at: now.toString(),
      sent_at: status === 'sent' ? now.toString() : null,
    })
    .where('tenant_id', '=', ref.tenantId)
    .where('id', '=', ref.deliveryId)
    .where('status', '=', 'sending')
    .where('attempts', '=', ref.attempt)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/**
 * Once none of its deliveries is under way: `failed` if an interrupting one was tried and none succeeded,
 * else `sent`. Rides on `notification_deliveries_channel`.
 */
async function settleNotification(
  sql: Sql,
  tenantId: string,
  notificationId: string,
  now: Temporal.Instant,
): Promise<void> {
  await statement`
    update notification_history n
    set status = case when told.is_failed then 'failed' else 'sent' end,
      reason = case when told.is_failed then 'delivery_failed' else n.reason end,
      sent_at = case when told.is_failed then null else ${now.toString()}::timestamptz end
    from (
      select
        bool_or(status in ('pending', 'sending')) as is_under_way,
        coalesce(
          bool_and(status not in ('sent', 'delivered'))
            filter (where channel <> 'in-app' and status <> 'skipped'),
          false
        ) as is_failed
      from notification_deliveries
      where tenant_id = ${tenantId} and notification_id = ${notificationId}
    ) told
    where n.tenant_id = ${tenantId} and n.id = ${notificationId}
      and n.status = 'pending' and not told.is_under_way`.execute(sql);
}
