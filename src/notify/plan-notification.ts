/**
 * Decides a notification once and writes its deliveries, both in one transaction. Alerts that one evaluation made for a
 * person are decided together, by whoever comes first.
 */
import { sql as statement } from 'kysely';
import { allOf } from '../runtime/database/all-of.ts';
import type { Database, Sql } from '../runtime/database/database.ts';
import { type NotificationRef, type PersonRef, personKey } from '../values/refs.ts';
import { groupedTypes, type NotificationStatus } from '../values/statuses.ts';
import { decideOpened, mayWait } from './decide/group.ts';
import { nothingUsed, type PendingNotification, type Recipient, withinCeilings } from './decide/policy.ts';
import { plansOf } from './plan-together.ts';
import { readGroupEnd } from './sql/read-group-end.ts';
import { insertNotifications } from './sql/insert-notifications.ts';
import { lockDailyQuotas } from './sql/lock-daily-quota.ts';
import { countMonthlyMessages, lockMonthlyQuotas } from './sql/lock-monthly-quota.ts';
import {
  policyColumns,
  type PolicyRow,
  policyTables,
  toPendingNotification,
  toRecipient,
} from './sql/policy-row.ts';
import {
  type ChannelSetup,
  type PendingDelivery,
  type PlannedNotification,
  writePlans,
} from './sql/write-plans.ts';

/** `waitsUntil`: it waits for others until then. Null: it does not. */
export type Plan =
  | {
      kind: 'planned';
      verdict: PlannedNotification['verdict']['verdict'];
      deliveries: PendingDelivery[];
      waitsUntil: Temporal.Instant | null;
    }
  /** Planned by an earlier call; `deliveries` are still to be claimed. */
  | { kind: 'planned_before'; deliveries: PendingDelivery[]; waitsUntil: Temporal.Instant | null }
  /** It has waited for others long enough. */
  | { kind: 'due'; person: PersonRef }
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
    const [, rows, deliveries] = await allOf([
      lockRecipient(sql, ref),
      lockGroup(sql, ref),
      readDeliveries(sql, ref),
    ]);
    const row = rows.find(({ id }) => id === ref.notificationId);
    if (!row) return { kind: 'missing' };
    if (!waiting.has(row.status)) return { kind: 'over', status: row.status };
    const planned = new Set(deliveries.map(({ notificationId }) => notificationId));
    if (planned.has(row.id)) return plannedBefore(row, deliveries, now);
    const items = rows
      .filter(({ id, status }) => status === 'pending' && !planned.has(id))
      .map(toPendingNotification);
    const group = { items, person: toRecipient(row, channelSetup.configured) };
    return planOf(ref, await planGroup(sql, group, channelSetup, now));
  });

type Group = { items: readonly PendingNotification[]; person: Recipient };
type PlannedGroup = { plans: readonly PlannedNotification[]; deliveries: PendingDelivery[] };

async function planGroup(
  sql: Sql,
  { items, person }: Group,
  channelSetup: ChannelSetup,
  now: Temporal.Instant,
): Promise<PlannedGroup> {
  const { groupWaitSeconds, monthlyLimits } = channelSetup;
  const hasWait = groupWaitSeconds > 0 && items.some((item) => mayWait(item, person));
  const [days, months, waitsUntil] = await allOf([
    lockDailyQuotas(sql, [person], now),
    lockMonthlyQuotas(sql, [person.tenantId], monthlyLimits, now),
    hasWait ? readGroupEnd(sql, person, groupWaitSeconds, now) : Promise.resolve(null),
  ]);
  const used = days.get(personKey(person)) ?? nothingUsed;
  const recipient = months.within(withinCeilings(person, used));
  const plans = decideOpened(items, recipient, used.interruptions, now, waitsUntil)
    .flatMap((decision) => plansOf(decision, recipient, () => 'grouped', now))
    .map((plan) => months.admit(plan));
  const rollUps = plans.filter(({ isGroup }) => isGroup).map(({ item }) => item);
  await insertNotifications(sql, rollUps, now);
  const deliveries = await writePlans(sql, plans, channelSetup, now);
  await countMonthlyMessages(sql, months);
  return { plans, deliveries };
}

function planOf({ notificationId }: NotificationRef, { plans, deliveries }: PlannedGroup): Plan {
  const own = plans.find(({ item }) => item.id === notificationId);
  if (!own) throw new Error('a notification was left out of its own plan');
  const { verdict } = own;
  return {
    kind: 'planned',
    verdict: verdict.verdict,
    deliveries,
    waitsUntil: verdict.verdict === 'wait' ? verdict.until : null,
  };
}

function plannedBefore(row: GroupRow, deliveries: readonly GroupDelivery[], now: Temporal.Instant): Plan {
  const until =
    row.status === 'deferred' && row.reason === 'grouped' && row.until !== null
      ? Temporal.Instant.from(row.until)
      : null;
  if (until && Temporal.Instant.compare(until, now) <= 0)
    return { kind: 'due', person: { tenantId: row.tenant_id, userId: row.user_id } };
  const pending = deliveries
    .filter(({ notificationId, status }) => notificationId === row.id && status === 'pending')
    .map(({ deliveryId, channel, rank }) => ({ tenantId: row.tenant_id, deliveryId, channel, rank }));
  return { kind: 'planned_before', deliveries: pending, waitsUntil: until };
}

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

/** The ids of the notification and of what is still pending of the same evaluation. Rides on `notification_history_pending_user`. */
const groupOf = ({ tenantId, notificationId }: NotificationRef) => statement`array(
  select ${notificationId}::uuid
  union
  select other.id
  from notification_history own
  join notification_history other on other.tenant_id = own.tenant_id and other.user_id = own.user_id
    and other.evaluation = own.evaluation and other.type = any(${groupedTypes}::text[]) and other.status = 'pending'
  where own.tenant_id = ${tenantId} and own.id = ${notificationId} and own.status = 'pending'
    and own.type = any(${groupedTypes}::text[])
)`;

type GroupRow = PolicyRow & { until: string | null };

/** Locks the notifications before their deliveries are touched, as `record-delivery` does, and in their order. */
async function lockGroup(sql: Sql, ref: NotificationRef): Promise<GroupRow[]> {
  const { rows } = await statement<GroupRow>`
    select ${policyColumns}, n.until
    from ${policyTables}
    where n.tenant_id = ${ref.tenantId} and n.id = any(${groupOf(ref)})
    order by n.tenant_id, n.id
    for no key update of n`.execute(sql);
  return rows;
}

type GroupDelivery = {
  notificationId: string;
  deliveryId: string;
  channel: string;
  rank: number;
  status: string;
};

/** Read after the lock, which another plan may have had. Rides on `notification_deliveries_channel`. */
async function readDeliveries(sql: Sql, ref: NotificationRef): Promise<GroupDelivery[]> {
  const { rows } = await statement<GroupDelivery>`
    select notification_id as "notificationId", id as "deliveryId", channel, rank, status
    from notification_deliveries
    where tenant_id = ${ref.tenantId} and notification_id = any(${groupOf(ref)})`.execute(sql);
  return rows;
}
