/** Decides a notification once and writes its deliveries, both in one transaction. */
import { sql as statement } from 'kysely';
import type { InterruptionVerdict } from './decide/interruption.ts';
import { decideNotification, type Recipient, type PendingNotification } from './decide/policy.ts';
import type { Database, Sql } from '../runtime/database/database.ts';
import { lockDailyQuotas } from './sql/lock-daily-quota.ts';
import { readRecipients } from './sql/read-recipients.ts';
import {
  selectPendingNotifications,
  type PendingNotificationRow,
  toPendingNotification,
} from './sql/pending-notification-row.ts';
import {
  type PlannedNotification,
  type ChannelSetup,
  type PendingDelivery,
  writePlans,
} from './sql/write-plans.ts';
import type { NotificationStatus } from '../values/statuses.ts';
import { personKey, type NotificationRef } from '../values/refs.ts';

export type Plan =
  | { kind: 'planned'; verdict: InterruptionVerdict['verdict']; deliveries: PendingDelivery[] }
  /** By an earlier call; `unsent` are its deliveries still to be claimed. */
  | { kind: 'planned_before'; deliveries: PendingDelivery[] }
  /** Sent, failed, merged or cancelled. */
  | { kind: 'over'; status: NotificationStatus }
  | { kind: 'missing' };

/** What is held has been told in the app, which may still have to be rung for. */
const waiting: ReadonlySet<NotificationStatus> = new Set(['pending', 'deferred', 'capped']);

/** Calling it again plans nothing anew. */
export const planNotification = (
  db: Database,
  ref: NotificationRef,
  channelSetup: ChannelSetup,
  now: Temporal.Instant,
): Promise<Plan> =>
  db.transaction([ref.tenantId], async (sql) => {
    await lockPersonOf(sql, ref);
    const row = await lockNotification(sql, ref);
    if (!row) return { kind: 'missing' };
    if (!waiting.has(row.status)) return { kind: 'over', status: row.status };
    const before = await readUnsent(sql, ref);
    if (before) return { kind: 'planned_before', deliveries: before };
    const item = toPendingNotification(row);
    const recipient = await reachOf(sql, item, channelSetup);
    const interruptions = (await lockDailyQuotas(sql, [recipient], now)).get(personKey(recipient)) ?? 0;
    const interruption = decideNotification(item, recipient, interruptions, now);
    const deliveries = await writePlans(sql, [planOf(item, recipient, interruption)], channelSetup, now);
    return { kind: 'planned', verdict: interruption.verdict, deliveries };
  });

/**
 * A change of what a person or their rule wants finds what was decided, or is found by the decision. In a statement
 * of its own: in one with the next, the rule would be read as it was before the wait. Primary keys.
 */
async function lockPersonOf(sql: Sql, { tenantId, notificationId }: NotificationRef): Promise<void> {
  await statement`
    select from notification_history n join users u on u.tenant_id = n.tenant_id and u.id = n.user_id
    where n.tenant_id = ${tenantId} and n.id = ${notificationId}
    for share of u`.execute(sql);
}

/** Locks the notification before its deliveries are touched, as `record-delivery` does. Primary keys. */
async function lockNotification(sql: Sql, { tenantId, notificationId }: NotificationRef) {
  const { rows } = await statement<PendingNotificationRow>`
    ${selectPendingNotifications}
    where n.tenant_id = ${tenantId} and n.id = ${notificationId}
    for no key update of n`.execute(sql);
  return rows[0];
}

async function reachOf(
  sql: Sql,
  person: PendingNotification,
  channelSetup: ChannelSetup,
): Promise<Recipient> {
  const recipient = (await readRecipients(sql, [person], channelSetup.configured)).get(personKey(person));
  if (!recipient) throw new Error('a notification for somebody who is not registered');
  return recipient;
}

/** Null where there is no delivery at all. Rides on `notification_deliveries_channel`. */
async function readUnsent(
  sql: Sql,
  { tenantId, notificationId }: NotificationRef,
): Promise<PendingDelivery[] | null> {
  const rows = await sql
    .selectFrom('notification_deliveries')
    .select(['id', 'channel', 'status'])
    .where('tenant_id', '=', tenantId)
    .where('notification_id', '=', notificationId)
    .execute();
  if (rows.length === 0) return null;
  return rows
    .filter(({ status }) => status === 'pending')
    .map(({ id, channel }) => ({ tenantId, deliveryId: id, channel }));
}

/** What a first or single decision makes of a notification. */
export function planOf(
  item: PendingNotification,
  recipient: Recipient,
  decided: InterruptionVerdict,
): PlannedNotification {
  const of = { item, recipient };
  switch (decided.verdict) {
    case 'defer':
      return { ...of, status: 'deferred', reason: decided.reason, until: decided.until };
    case 'cap':
      return { ...of, status: 'capped', reason: decided.reason, until: decided.until };
    case 'in_app_only':
      return {
        ...of,
        status: 'pending',
        reason: decided.reason,
        skip: skipOf(decided.reason),
        countsAgainstQuota: false,
      };
    case 'send':
      return {
        ...of,
        status: 'pending',
        reason: null,
        skip: null,
        countsAgainstQuota: decided.countsAgainstQuota,
      };
  }
}

/** With no channel left, each has a reason of its own. */
const skipOf = (reason: string): string | null => (reason === 'no_channel' ? null : reason);
