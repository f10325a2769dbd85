/** Decides a notification once and writes its deliveries, both in one transaction. */
import { sql as statement } from 'kysely';
import type { Interruption } from '../../domain/interruption.ts';
import type { NotificationStatus } from '../../domain/notification.ts';
import { decideTelling, type Reach, type Tellable } from '../../domain/telling.ts';
import type { Database, Sql } from '../database.ts';
import { lockInterruptions } from './lock-interruptions.ts';
import { personKey } from './lock-people.ts';
import { readReach } from './read-reach.ts';
import { selectTellable, type TellableRow, toTellable } from '../tellable-row.ts';
import type { NotificationRef } from './settle-notifications.ts';
import { type Decided, type Means, type Unsent, writeTelling } from './write-telling.ts';

export type Plan =
  | { kind: 'planned'; verdict: Interruption['verdict']; unsent: Unsent[] }
  /** By an earlier call; `unsent` are its deliveries still to be claimed. */
  | { kind: 'planned_before'; unsent: Unsent[] }
  /** Sent, failed, merged or cancelled. */
  | { kind: 'over'; status: NotificationStatus }
  | { kind: 'missing' };

/** What is held has been told in the app, which may still have to be rung for. */
const waiting: ReadonlySet<NotificationStatus> = new Set(['pending', 'deferred', 'capped']);

/** Calling it again plans nothing anew. */
export const planDeliveries = (
  db: Database,
  ref: NotificationRef,
  means: Means,
  now: Temporal.Instant,
): Promise<Plan> =>
  db.transaction([ref.tenantId], async (sql) => {
    await lockPersonOf(sql, ref);
    const row = await lockNotification(sql, ref);
    if (!row) return { kind: 'missing' };
    if (!waiting.has(row.status)) return { kind: 'over', status: row.status };
    const before = await readUnsent(sql, ref);
    if (before) return { kind: 'planned_before', unsent: before };
    const item = toTellable(row);
    const reach = await reachOf(sql, item, means);
    const interruptions = (await lockInterruptions(sql, [reach], now)).get(personKey(reach)) ?? 0;
    const interruption = decideTelling(item, reach, interruptions, now);
    const unsent = await writeTelling(sql, [decidedOf(item, reach, interruption)], means, now);
    return { kind: 'planned', verdict: interruption.verdict, unsent };
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
  const { rows } = await statement<TellableRow>`
    ${selectTellable}
    where n.tenant_id = ${tenantId} and n.id = ${notificationId}
    for no key update of n`.execute(sql);
  return rows[0];
}

async function reachOf(sql: Sql, person: Tellable, means: Means): Promise<Reach> {
  const reach = (await readReach(sql, [person], means.configured)).get(personKey(person));
  if (!reach) throw new Error('a notification for somebody who is not registered');
  return reach;
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
    .map(({ id, channel }) => ({ tenantId, deliveryId: id, channel }));
}

/** What a first or single decision makes of a notification. */
export function decidedOf(item: Tellable, reach: Reach, decided: Interruption): Decided {
  const of = { item, reach };
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
        takesPlace: false,
      };
    case 'send':
      return { ...of, status: 'pending', reason: null, skip: null, takesPlace: decided.takesPlace };
  }
}

/** With no channel left, each has a reason of its own. */
const skipOf = (reason: string): string | null => (reason === 'no_channel' ? null : reason);
