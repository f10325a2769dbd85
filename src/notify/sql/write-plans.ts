/** Writes plans: the status of each notification, its deliveries, and what counts against the daily quota. */
import { randomUUIDv7 } from 'node:crypto';
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';
import type { Channel } from '../../values/channels.ts';
import { rankOf } from '../../values/rank.ts';
import { localDay } from '../../values/period.ts';
import type { NotificationStatus } from '../../values/statuses.ts';
import { channelsOf, type Message } from '../decide/content.ts';
import type { MonthlyLimits } from '../decide/monthly-quota.ts';
import type { GroupVerdict } from '../decide/group.ts';
import type { MessageRecipient, PendingNotification, Recipient } from '../decide/policy.ts';
import { finalizeNotifications } from './finalize-notifications.ts';
import { columnOf } from '../../runtime/database/column-of.ts';

/**
 * The channels that the service can send on, the monthly limits of tenants without limits of their own, for how long alerts
 * wait for others, and how a message is rendered.
 */
export type ChannelSetup = {
  configured: ReadonlySet<Channel>;
  monthlyLimits: MonthlyLimits;
  groupWaitSeconds: number;
  render(
    item: Pick<PendingNotification, 'id' | 'content'>,
    channel: Channel,
    recipient: MessageRecipient,
    now: Temporal.Instant,
  ): Message;
};

/**
 * A notification with the verdict on it. `merge`: another notification contains it. `isGroup`: it tells alerts that are in
 * the app by themselves, so it is not, and ranks as an alert.
 */
export type PlannedNotification = {
  item: PendingNotification;
  recipient: Recipient;
  verdict: GroupVerdict | { verdict: 'merge'; reason: string; mergedInto: string };
  isGroup?: boolean;
};

/** The status of a notification after each verdict. The rest of a `pending` one shows in its deliveries. */
const statuses = {
  send: 'pending',
  in_app_only: 'pending',
  defer: 'deferred',
  wait: 'deferred',
  cap: 'capped',
  cancel: 'cancelled',
  merge: 'merged',
} as const satisfies Record<PlannedNotification['verdict']['verdict'], NotificationStatus>;

export type PendingDelivery = { tenantId: string; deliveryId: string; channel: string; rank: number };

/**
 * The caller has locked the notifications, and the daily quotas of the recipients whose plans count against them.
 * Returns the deliveries to enqueue once this is committed.
 */
export async function writePlans(
  sql: Sql,
  plans: readonly PlannedNotification[],
  channelSetup: ChannelSetup,
  now: Temporal.Instant,
): Promise<PendingDelivery[]> {
  if (plans.length === 0) return [];
  const inserted = await insertPlans(
    sql,
    plans.map((plan) => ({ plan, deliveries: deliveriesOf(plan, channelSetup, now) })),
    now,
  );
  // With a delivery under way, recording that delivery finalizes the notification.
  const underWay = new Set(inserted.map(({ notificationId }) => notificationId));
  const over = plans.filter(
    ({ item, verdict }) => statuses[verdict.verdict] === 'pending' && !underWay.has(item.id),
  );
  await finalizeNotifications(
    sql,
    over.map(({ item }) => ({ tenantId: item.tenantId, notificationId: item.id })),
    now,
  );
  return inserted.map(({ tenantId, deliveryId, channel, rank }) => ({ tenantId, deliveryId, channel, rank }));
}

type PlannedDelivery = {
  tenantId: string;
  notificationId: string;
  channel: Channel;
  rank: number;
  skip: string | null;
  /** Null if it is skipped. */
  message: Message | null;
};

/** The in-app delivery is planned at once, whatever the verdict. The others follow with the final one. */
function deliveriesOf(
  { item, recipient, verdict, isGroup = false }: PlannedNotification,
  { render }: ChannelSetup,
  now: Temporal.Instant,
): PlannedDelivery[] {
  if (verdict.verdict === 'cancel') return [];
  const ids = { tenantId: item.tenantId, notificationId: item.id };
  const inApp = { title: item.title, text: item.message };
  const rank = (channel: Channel) => rankOf(isGroup ? 'budget_alert' : item.type, item.severity, channel);
  const first: PlannedDelivery = {
    ...ids,
    channel: 'in-app',
    rank: rank('in-app'),
    skip: null,
    message: inApp,
  };
  if (verdict.verdict !== 'send' && verdict.verdict !== 'in_app_only') return [first];
  // With `no_channel`, each channel has its own reason.
  const allSkipped = verdict.reason === 'no_channel' ? null : verdict.reason;
  const others = channelsOf(item.content).map((channel): PlannedDelivery => {
    const skip = allSkipped ?? recipient.skip[channel];
    const message = skip === null ? render(item, channel, recipient, now) : null;
    return { ...ids, channel, rank: rank(channel), skip, message };
  });
  return isGroup ? others : [first, ...others];
}

type InsertedDelivery = PendingDelivery & { notificationId: string };

/**
 * One statement for the notifications, the daily quotas and the deliveries. Returns the pending deliveries. An in-app
 * delivery that was planned before stays. Rides on primary keys and `notification_deliveries_channel`.
 */
async function insertPlans(
  sql: Sql,
  planned: readonly { plan: PlannedNotification; deliveries: readonly PlannedDelivery[] }[],
  now: Temporal.Instant,
): Promise<InsertedDelivery[]> {
  const column = columnOf(planned);
  const deliveries = planned.flatMap((each) => each.deliveries);
  const { rows } = await statement<InsertedDelivery & { status: string }>`
    with given as (
      select * from unnest(
        ${column(({ plan }) => plan.item.tenantId)}::uuid[],
        ${column(({ plan }) => plan.item.id)}::uuid[],
        ${column(({ plan }) => plan.item.userId)}::text[],
        ${column(({ plan }) => statuses[plan.verdict.verdict])}::text[],
        ${column(({ plan }) => plan.verdict.reason)}::text[],
        ${column(({ plan }) => untilOf(plan))}::timestamptz[],
        ${column(({ plan: { verdict } }) => ('mergedInto' in verdict ? verdict.mergedInto : null))}::uuid[],
        ${column(({ plan: { recipient } }) => localDay(now, recipient.timeZone))}::date[],
        ${column(({ plan }) => (isCounted(plan) ? 1 : 0))}::int[],
        ${column(({ plan, deliveries }) => (plan.item.isDigest ? 0 : deliveries.filter(isSms).length))}::int[],
        ${column(({ plan: { item } }) => (item.isRenewed ? JSON.stringify(item.content) : null))}::jsonb[]
      ) as given (tenant_id, id, user_id, status, reason, until, merged_into, day, interruptions, sms, told)
    ), updated as (
      update notification_history n
      set status = given.status, reason = given.reason, until = given.until, merged_into = given.merged_into,
        is_silent = n.is_silent or given.until is not null and given.reason <> 'grouped',
        interrupted_on = case when given.interruptions > 0 then given.day end, told = coalesce(given.told, n.told)
      from given
      where n.tenant_id = given.tenant_id and n.id = given.id
    ), counted as (
      update daily_interruptions d
      set count = d.count + used.interruptions, sms = d.sms + used.sms
      from (
        select tenant_id, user_id, day, sum(interruptions)::int as interruptions, sum(sms)::int as sms
        from given
        where interruptions > 0 or sms > 0
        group by tenant_id, user_id, day
      ) used
      where d.tenant_id = used.tenant_id and d.user_id = used.user_id and d.day = used.day
    )
    insert into notification_deliveries
      (tenant_id, id, notification_id, channel, rank, status, attempts, failure_reason, message, blank_at, changed_at)
    select tenant_id, id, notification_id, channel, rank, case when reason is null then 'pending' else 'skipped' end,
      0, reason, message, case when reason is null then '-infinity'::timestamptz end, ${now.toString()}
    from unnest(
      ${deliveries.map(({ tenantId }) => tenantId)}::uuid[],
      ${deliveries.map(() => randomUUIDv7())}::uuid[],
      ${deliveries.map(({ notificationId }) => notificationId)}::uuid[],
      ${deliveries.map(({ channel }) => channel)}::text[],
      ${deliveries.map(({ rank }) => rank)}::smallint[],
      ${deliveries.map(({ skip }) => skip)}::text[],
      ${deliveries.map(({ message }) => JSON.stringify(message ?? {}))}::jsonb[]
    ) as planned (tenant_id, id, notification_id, channel, rank, reason, message)
    on conflict (tenant_id, notification_id, channel) do nothing
    returning tenant_id as "tenantId", id as "deliveryId", notification_id as "notificationId", channel,
      rank, status`.execute(sql);
  return rows.filter(({ status }) => status === 'pending');
}

const isSms = ({ channel, skip }: PlannedDelivery): boolean => channel === 'sms' && skip === null;

const isCounted = ({ verdict }: PlannedNotification): boolean =>
  verdict.verdict === 'send' && verdict.countsAgainstQuota;

const untilOf = ({ verdict }: PlannedNotification): string | null =>
  'until' in verdict ? (verdict.until?.toString() ?? null) : null;
