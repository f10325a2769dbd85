/** Writes what was decided of notifications: how they stand, their deliveries, the places they take. */
import { randomUUIDv7 } from 'node:crypto';
import { sql as statement } from 'kysely';
import type { Links, Message, NotificationContent } from '../decide/content.ts';
import { localDay } from '../../values/period.ts';
import { channelsOf, type Recipient, shownOn, type PendingNotification } from '../decide/policy.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { countInterruptions, dayOf } from './lock-daily-quota.ts';
import { finalizeNotifications } from './finalize-notifications.ts';
import type { NotificationStatus } from '../../values/statuses.ts';
import type { Reader } from '../../values/display.ts';
import type { InterruptingChannel, Channel } from '../../values/channels.ts';
import type { NotificationRef } from '../../values/refs.ts';

/** What the service sends on, and how a message reads there. */
export type ChannelSetup = {
  configured: ReadonlySet<Channel>;
  render(told: NotificationContent, channel: Channel, reader: Reader, links: Links): Message;
  links(recipient: Recipient, channel: Channel): Links;
};

/**
 * How a notification stands from now on. `pending`: its deliveries say the rest. `skip`: why none of its
 * interrupting channels is used, where that is so; null: each as the person can be reached on it.
 */
export type PlannedNotification = { item: PendingNotification; recipient: Recipient } & (
  | { status: 'pending'; reason: string | null; skip: string | null; countsAgainstQuota: boolean }
  | { status: 'deferred' | 'capped'; reason: string; until: Temporal.Instant }
  | { status: 'cancelled'; reason: string }
  | { status: 'merged'; reason: string; mergedInto: string }
);

export type PendingDelivery = { tenantId: string; deliveryId: string; channel: string };

/** The notifications are locked by the caller, and the days of those who take a place. Answers what to ring for. */
export async function writePlans(
  sql: Sql,
  decided: readonly PlannedNotification[],
  channelSetup: ChannelSetup,
  now: Temporal.Instant,
): Promise<PendingDelivery[]> {
  if (decided.length === 0) return [];
  await updateNotifications(sql, decided, now);
  const deliveries = await insertDeliveries(
    sql,
    decided.flatMap((each) => deliveriesOf(each, channelSetup, now)),
    now,
  );
  await countInterruptions(
    sql,
    decided.filter(takesPlace).map(({ recipient }) => dayOf(recipient, now)),
  );
  await finalizeNotifications(sql, decided.flatMap(refOf), now);
  return deliveries;
}

const takesPlace = (each: PlannedNotification): boolean =>
  each.status === 'pending' && each.countsAgainstQuota;

/** Where all that is told was told before, in the app, nothing is left to wait for. */
const refOf = ({ item, status }: PlannedNotification): NotificationRef[] =>
  status === 'pending' ? [{ tenantId: item.tenantId, notificationId: item.id }] : [];

async function updateNotifications(
  sql: Sql,
  decided: readonly PlannedNotification[],
  now: Temporal.Instant,
): Promise<void> {
  const column = <T>(read: (each: PlannedNotification) => T): T[] => decided.map(read);
  await statement`
    update notification_history n
    set status = given.status, reason = given.reason, until = given.until, merged_into = given.merged_into,
      is_silent = n.is_silent or given.is_held, interrupted_on = given.interrupted_on
    from unnest(
      ${column(({ item }) => item.tenantId)}::uuid[],
      ${column(({ item }) => item.id)}::uuid[],
      ${column(({ status }) => status satisfies NotificationStatus)}::text[],
      ${column(({ reason }) => reason)}::text[],
      ${column((each) => ('until' in each ? each.until.toString() : null))}::timestamptz[],
      ${column((each) => ('mergedInto' in each ? each.mergedInto : null))}::uuid[],
      ${column((each) => 'until' in each)}::boolean[],
      ${column((each) => (takesPlace(each) ? localDay(now, each.recipient.timeZone) : null))}::date[]
    ) as given (tenant_id, id, status, reason, until, merged_into, is_held, interrupted_on)
    where n.tenant_id = given.tenant_id and n.id = given.id`.execute(sql);
}

type PlannedDelivery = {
  tenantId: string;
  notificationId: string;
  channel: Channel;
  skip: string | null;
  message: Message;
};

/** The one in the app at once, also of what is held; the others when it goes out, or is known not to. */
function deliveriesOf(
  decided: PlannedNotification,
  channelSetup: ChannelSetup,
  now: Temporal.Instant,
): PlannedDelivery[] {
  if (decided.status === 'merged' || decided.status === 'cancelled') return [];
  const { item } = decided;
  const ids = { tenantId: item.tenantId, notificationId: item.id };
  const inApp = { title: item.title, text: item.message };
  const first: PlannedDelivery = { ...ids, channel: 'in-app', skip: null, message: inApp };
  if (decided.status !== 'pending') return [first];
  const { recipient, skip } = decided;
  const others = channelsOf(item.content).map((channel) => {
    const whyNot = skip ?? recipient.skip[channel];
    const message = whyNot === null ? messageOn(channel, item, recipient, channelSetup, now) : inApp;
    return { ...ids, channel, skip: whyNot, message };
  });
  return [first, ...others];
}

function messageOn(
  channel: InterruptingChannel,
  { content: told }: PendingNotification,
  recipient: Recipient,
  channelSetup: ChannelSetup,
  now: Temporal.Instant,
): Message {
  const reader = { locale: recipient.locale, today: localDay(now, recipient.timeZone) };
  return channelSetup.render(shownOn(told, channel), channel, reader, channelSetup.links(recipient, channel));
}

/** What was planned before, the one in the app, stays. Rides on `notification_deliveries_channel`. */
async function insertDeliveries(
  sql: Sql,
  deliveries: readonly PlannedDelivery[],
  now: Temporal.Instant,
): Promise<PendingDelivery[]> {
  if (deliveries.length === 0) return [];
  const { rows } = await statement<{ tenant_id: string; id: string; channel: string; status: string }>`
    insert into notification_deliveries
      (tenant_id, id, notification_id, channel, status, attempts, failure_reason, message, changed_at)
    select tenant_id, id, notification_id, channel, case when reason is null then 'pending' else 'skipped' end,
      0, reason, message, ${now.toString()}
    from unnest(
      ${deliveries.map(({ tenantId }) => tenantId)}::uuid[],
      ${deliveries.map(() => randomUUIDv7())}::uuid[],
      ${deliveries.map(({ notificationId }) => notificationId)}::uuid[],
      ${deliveries.map(({ channel }) => channel)}::text[],
      ${deliveries.map(({ skip }) => skip)}::text[],
      ${deliveries.map(({ message }) => JSON.stringify(message))}::jsonb[]
    ) as planned (tenant_id, id, notification_id, channel, reason, message)
    on conflict (tenant_id, notification_id, channel) do nothing
    returning tenant_id, id, channel, status`.execute(sql);
  return rows
    .filter(({ status }) => status === 'pending')
    .map(({ tenant_id, id, channel }) => ({ tenantId: tenant_id, deliveryId: id, channel }));
}
