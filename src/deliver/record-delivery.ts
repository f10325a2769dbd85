/** Records the outcome of a claimed delivery, and finalizes its notification after the last one. */
import { sql as statement } from 'kysely';
import { blankingOf } from './blank-deliveries.ts';
import { type DeliveryRecord, retryAtOf, wasTried } from './decide/delivery.ts';
import { allOf } from '../runtime/database/all-of.ts';
import type { Database, Sql } from '../runtime/database/database.ts';
import { cancelUntold } from '../notify/sql/cancel-untold.ts';
import { finalizeNotifications } from '../notify/sql/finalize-notifications.ts';
import type { DeliveryRef } from '../values/refs.ts';

export type ClaimRef = DeliveryRef & { attempt: number };

/** False, with nothing changed, if this attempt has lost its claim on the delivery. */
export const recordDelivery = (
  db: Database,
  ref: ClaimRef,
  record: DeliveryRecord,
  now: Temporal.Instant,
): Promise<boolean> =>
  db.transaction([ref.tenantId], async (sql) => {
    const [notificationId, isWritten] = await allOf([
      lockNotification(sql, ref),
      writeRecord(sql, ref, record, now),
    ]);
    if (notificationId === null || !isWritten) return false;
    const notification = { tenantId: ref.tenantId, notificationId };
    const isCancelled =
      record.status === 'skipped' && record.isStale && (await cancelUntold(sql, notification, record.reason));
    if (!isCancelled) await finalizeNotifications(sql, [notification], now);
    return true;
  });

/**
 * Locks the notification first. Without the lock, two last deliveries recorded at once would each find the other
 * still sending, and neither would finalize. Primary keys.
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

/** Primary key. */
async function writeRecord(
  sql: Sql,
  ref: ClaimRef,
  record: DeliveryRecord,
  now: Temporal.Instant,
): Promise<boolean> {
  const { status, reason } = record;
  const at = now.toString();
  const blanking = blankingOf(statement`${status}::text`, now);
  const { numAffectedRows } = await statement`
    update notification_deliveries d
    set status = ${status}, attempts = ${wasTried(record) ? ref.attempt : ref.attempt - 1}, failure_reason = ${reason},
      changed_at = ${at}, sent_at = ${status === 'sent' ? at : null}::timestamptz,
      retry_at = ${record.status === 'pending' ? retryAtOf(record, now).toString() : null}::timestamptz,
      message = ${blanking.message}, address = ${blanking.address}, blank_at = ${blanking.blank_at}
    where d.tenant_id = ${ref.tenantId} and d.id = ${ref.deliveryId}
      and d.status = 'sending' and d.attempts = ${ref.attempt}`.execute(sql);
  return numAffectedRows !== 0n;
}
