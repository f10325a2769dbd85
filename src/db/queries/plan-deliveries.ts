/** Decides a notification once and writes a delivery for each channel, both in one transaction. */
import { randomUUIDv7 } from 'node:crypto';
import { sql as statement } from 'kysely';
import { decideInterruption, type Interruption } from '../../domain/interruption.ts';
import type { Message, NotificationStatus } from '../../domain/notification.ts';
import type { Channel } from '../../domain/rule.ts';
import type { Database, Sql } from '../database.ts';

export type NotificationRef = { tenantId: string; notificationId: string };
type Unsent = { deliveryId: string; channel: string };

export type Plan =
  | { kind: 'planned'; verdict: Interruption['verdict']; unsent: Unsent[] }
  /** By an earlier call; `unsent` are its deliveries still to be claimed. */
  | { kind: 'planned_before'; unsent: Unsent[] }
  /** No longer pending: sent, failed, cancelled. */
  | { kind: 'over'; status: NotificationStatus }
  | { kind: 'missing' };

type Row = {
  status: NotificationStatus;
  is_silent: boolean;
  title: string;
  message: string;
  channels: Channel[] | null;
};

/** Calling it again plans nothing anew. `configured`: the channels this service can send on. */
export const planDeliveries = (
  db: Database,
  ref: NotificationRef,
  configured: ReadonlySet<Channel>,
  now: Temporal.Instant,
): Promise<Plan> =>
  db.transaction([ref.tenantId], async (sql) => {
    const row = await lockNotification(sql, ref);
    if (!row) return { kind: 'missing' };
    if (row.status !== 'pending') return { kind: 'over', status: row.status };
    const before = await readUnsent(sql, ref);
    if (before) return { kind: 'planned_before', unsent: before };
    const { is_silent: isSilent, channels } = row;
    const decided = decideInterruption({ isSilent, channels: channels ?? [], configured });
    const unsent = await insertDeliveries(sql, ref, decided, { title: row.title, text: row.message }, now);
    await recordReason(sql, ref, decided.reason);
    return { kind: 'planned', verdict: decided.verdict, unsent };
  });

/** Locks the notification before its deliveries are touched, as `record-delivery` does. Primary keys. */
async function lockNotification(sql: Sql, { tenantId, notificationId }: NotificationRef) {
  const { rows } = await statement<Row>`
    select n.status, n.is_silent, n.title, n.message, r.channels
    from notification_history n
    left join smart_alert_rules r on r.tenant_id = n.tenant_id and r.id = n.rule_id
    where n.tenant_id = ${tenantId} and n.id = ${notificationId}
    for no key update of n`.execute(sql);
  return rows[0];
}

/** Null where there is no delivery at all. Rides on `notification_deliveries_channel`. */
async function readUnsent(sql: Sql, { tenantId, notificationId }: NotificationRef): Promise<Unsent[] | null> {
  const rows = await sql
    .selectFrom('notification_deliveries')
    .select(['id', 'channel', 'status'])
    .where('tenant_id', '=', tenantId)
    .where('notification_id', '=', notificationId)
    .execute();
  if (rows.length === 0) return null;
  return rows
    .filter(({ status }) => status === 'pending')
    .map(({ id, channel }) => ({ deliveryId: id, channel }));
}

async function insertDeliveries(
  sql: Sql,
  { tenantId, notificationId }: NotificationRef,
  { deliveries }: Interruption,
  message: Message,
  now: Temporal.Instant,
): Promise<Unsent[]> {
  const { rows } = await statement<{ id: string; channel: string; status: string }>`
    insert into notification_deliveries
      (tenant_id, id, notification_id, channel, status, attempts, failure_reason, message, changed_at)
    select ${tenantId}, id, ${notificationId}, channel, status, 0, reason,
      ${JSON.stringify(message)}::jsonb, ${now.toString()}
    from unnest(
      ${deliveries.map(() => randomUUIDv7())}::uuid[],
      ${deliveries.map(({ channel }) => channel)}::text[],
      ${deliveries.map(({ status }) => status)}::text[],
      ${deliveries.map(({ reason }) => reason)}::text[]
    ) as planned (id, channel, status, reason)
    returning id, channel, status`.execute(sql);
  return rows
    .filter(({ status }) => status === 'pending')
    .map(({ id, channel }) => ({ deliveryId: id, channel }));
}

async function recordReason(sql: Sql, ref: NotificationRef, reason: string | null): Promise<void> {
  if (reason === null) return;
  await sql
    .updateTable('notification_history')
    .set({ reason })
    .where('tenant_id', '=', ref.tenantId)
    .where('id', '=', ref.notificationId)
    .execute();
}
