/** Lists a tenant's deliveries for operators: the state of each, without its address and message. */
import { sql as statement } from 'kysely';
import type { Sql } from '../runtime/database/database.ts';
import type { DeliveryStatus } from '../values/statuses.ts';
import type { Channel } from '../values/channels.ts';

export type ListedDelivery = {
  deliveryId: string;
  notificationId: string;
  channel: Channel;
  status: DeliveryStatus;
  attempts: number;
  failureReason: string | null;
  changedAt: Temporal.Instant;
};

type Row = {
  id: string;
  notification_id: string;
  channel: Channel;
  status: DeliveryStatus;
  attempts: number;
  failure_reason: string | null;
  changed_at: string;
};

/**
 * Newest first, because ids grow with time. Rides on the primary key, backwards. A rare status makes it read further,
 * which is acceptable for an operator.
 */
export async function listDeliveries(
  sql: Sql,
  tenantId: string,
  { status, limit }: { status: DeliveryStatus | null; limit: number },
): Promise<ListedDelivery[]> {
  const inStatus = status === null ? statement`` : statement`and status = ${status}`;
  const { rows } = await statement<Row>`
    select id, notification_id, channel, status, attempts, failure_reason, changed_at
    from notification_deliveries
    where tenant_id = ${tenantId} ${inStatus}
    order by tenant_id desc, id desc
    limit ${limit}`.execute(sql);
  return rows.map((row) => ({
    deliveryId: row.id,
    notificationId: row.notification_id,
    channel: row.channel,
    status: row.status,
    attempts: row.attempts,
    failureReason: row.failure_reason,
    changedAt: Temporal.Instant.from(row.changed_at),
  }));
}
