/** Decides a notification once and writes its deliveries, both in one transaction. */
import { sql as statement } from 'kysely';
import { allOf } from '../runtime/database/all-of.ts';
import type { Database, Sql } from '../runtime/database/database.ts';
import { type NotificationRef, personKey } from '../values/refs.ts';
import type { NotificationStatus } from '../values/statuses.ts';
import { decideNotification, nothingUsed, type Verdict, withinCeilings } from './decide/policy.ts';
import { lockDailyQuotas } from './sql/lock-daily-quota.ts';
import { countMonthlyMessages, lockMonthlyQuotas } from './sql/lock-monthly-quota.ts';
import {
  policyColumns,
  type PolicyRow,
  policyTables,
  toPendingNotification,
  toRecipient,
} from './sql/policy-row.ts';
import { type ChannelSetup, type PendingDelivery, writePlans } from './sql/write-plans.ts';

export type Plan =
  | { kind: 'planned'; verdict: Verdict['verdict']; deliveries: PendingDelivery[] }
  /** Planned by an earlier call; `deliveries` are still to be claimed. */
  | { kind: 'planned_before'; deliveries: PendingDelivery[] }
  /** Sent, failed, merged or cancelled. */
  | { kind: 'over'; status: NotificationStatus }
  | { kind: 'missing' };

/** A deferred or capped notification is in the app already; that delivery may still have to be enqueued. */
const waiting: ReadonlySet<NotificationStatus> = new Set(['pending', 'deferred', 'capped']);

/** Idempotent: a second call plans nothing. */
export const planNotification = (
  db: Database,
  ref: NotificationRef,
  channelSetup: ChannelSetup,
  now: Temporal.Instant,
): Promise<Plan> =>
  db.transaction([ref.tenantId], async (sql) => {
    // Sent together, each is a statement of its own, and sees what the one before it waited for.
    const [, row, planned] = await allOf([
      lockRecipient(sql, ref),
      lockNotification(sql, ref),
      readDeliveries(sql, ref),
    ]);
    if (!row) return { kind: 'missing' };
    if (!waiting.has(row.status)) return { kind: 'over', status: row.status };
    if (planned) return { kind: 'planned_before', deliveries: planned };
    const item = toPendingNotification(row);
    const person = toRecipient(row, channelSetup.configured);
    const [days, months] = await allOf([
      lockDailyQuotas(sql, [person], now),
      lockMonthlyQuotas(sql, [person.tenantId], channelSetup.monthlyLimits, now),
    ]);
    const used = days.get(personKey(person)) ?? nothingUsed;
    const recipient = months.within(withinCeilings(person, used));
    const verdict = decideNotification(item, recipient, used.interruptions, now);
    const deliveries = await writePlans(sql, [months.admit({ item, recipient, verdict })], channelSetup, now);
    await countMonthlyMessages(sql, months);
    return { kind: 'planned', verdict: verdict.verdict, deliveries };
  });

/**
 * Makes a change of the person's preferences or their rule wait for the plan, or the plan for the change. Evaluations
 * of their spending go on meanwhile. It is a statement of its own: together with the next, it would read the rule as
 * it was before the wait. Primary keys.
 */
async function lockRecipient(sql: Sql, { tenantId, notificationId }: NotificationRef): Promise<void> {
  await statement`
    select from notification_history n join users u on u.tenant_id = n.tenant_id and u.id = n.user_id
    where n.tenant_id = ${tenantId} and n.id = ${notificationId}
    for key share of u`.execute(sql);
}

/** Locks the notification before its deliveries are touched, as `record-delivery` does. Primary keys. */
async function lockNotification(sql: Sql, { tenantId, notificationId }: NotificationRef) {
  const { rows } = await statement<PolicyRow>`
    select ${policyColumns}
    from ${policyTables}
    where n.tenant_id = ${tenantId} and n.id = ${notificationId}
    for no key update of n`.execute(sql);
  return rows[0];
}

/**
 * The pending deliveries; null if there is no delivery at all. Read after the lock, which another plan may have had.
 * Rides on `notification_deliveries_channel`.
 */
async function readDeliveries(
  sql: Sql,
  { tenantId, notificationId }: NotificationRef,
): Promise<PendingDelivery[] | null> {
  const rows = await sql
    .selectFrom('notification_deliveries')
    .select(['id', 'channel', 'rank', 'status'])
    .where('tenant_id', '=', tenantId)
    .where('notification_id', '=', notificationId)
    .execute();
  if (rows.length === 0) return null;
  return rows
    .filter(({ status }) => status === 'pending')
    .map(({ id, channel, rank }) => ({ tenantId, deliveryId: id, channel, rank }));
}
