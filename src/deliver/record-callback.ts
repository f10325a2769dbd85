/**
 * Records provider callbacks: the end of each delivery, and with it of its notification. A dead address is marked and
 * not tried again, and its person is notified in the app.
 */
import { sql as statement } from 'kysely';
import { addressDigest } from '../accounts/address-digest.ts';
import { blankingOf } from './blank-deliveries.ts';
import {
  afterCallbacks,
  type CallbackChannel,
  type CalledBack,
  type Callback,
  type DeliveryName,
  type DeliveryState,
} from './decide/callback.ts';
import { maskedAddress } from './decide/masked-address.ts';
import type { NotificationContent } from '../notify/decide/content.ts';
import type { Database, Sql } from '../runtime/database/database.ts';
import { insertNotifications } from '../notify/sql/insert-notifications.ts';
import { lockPeople } from '../accounts/people.ts';
import { makeNotification } from '../notify/make-notification.ts';
import { readRecipients } from '../notify/sql/policy-row.ts';
import { finalizeNotifications } from '../notify/sql/finalize-notifications.ts';
import type { DeliveryStatus } from '../values/statuses.ts';
import { personKey, type PersonRef, type NotificationRef } from '../values/refs.ts';

export type RecordedCallbacks = {
  changed: (DeliveryName & { status: CalledBack['status']; reason: string | null })[];
  /** Names without a delivery on that channel. */
  unknown: DeliveryName[];
  /** The notifications to enqueue. */
  notifications: NotificationRef[];
};

/**
 * Records all of them or none. Repeated callbacks change nothing. Locks people, then notifications, then
 * deliveries.
 */
export const recordCallbacks = (
  db: Database,
  channel: CallbackChannel,
  callbacks: readonly Callback[],
  now: Temporal.Instant,
): Promise<RecordedCallbacks> =>
  db.transaction([...new Set(callbacks.map(({ name }) => name.tenantId))], async (sql) => {
    await lockBounced(sql, callbacks);
    const deliveries = await lockDeliveries(sql, channel, callbacks);
    const changes = deliveries.flatMap((delivery) => changeOf(delivery, callbacks));
    await writeChanges(sql, changes, now);
    // No notification is named twice: each has one delivery a channel.
    await finalizeNotifications(sql, changes, now);
    const dead = changes.filter(({ isAddressDead }) => isAddressDead);
    const notifications = await insertBounceNotices(sql, await markAddresses(sql, channel, dead), now);
    const unknown = callbacks.map(({ name }) => name).filter((name) => !deliveries.some(isNamed(name)));
    return { changed: changes, unknown, notifications };
  });

/** `address`: the hex of its digest. */
type Delivery = DeliveryName & PersonRef & DeliveryState & { notificationId: string; address: string | null };

type Change = Omit<Delivery, 'status'> & CalledBack;

const isNamed =
  (one: DeliveryName) =>
  (other: DeliveryName): boolean =>
    one.tenantId === other.tenantId && one.deliveryId === other.deliveryId;

function changeOf(delivery: Delivery, callbacks: readonly Callback[]): Change[] {
  const said = callbacks.filter(({ name }) => isNamed(delivery)(name)).map((callback) => callback.said);
  const after = afterCallbacks(delivery, said);
  return after ? [{ ...delivery, ...after }] : [];
}

/** Locks the people whose address may be marked, before any notification. Rides on primary keys. */
async function lockBounced(sql: Sql, callbacks: readonly Callback[]): Promise<void> {
  const lasting = callbacks.filter(({ said }) => said.event === 'bounced' && said.isLasting);
  if (lasting.length === 0) return;
  const { rows } = await statement<{ tenant_id: string; user_id: string }>`
    select distinct n.tenant_id, n.user_id
    from ${namedIn(lasting)}
    join notification_deliveries d using (tenant_id, id)
    join notification_history n on n.tenant_id = d.tenant_id and n.id = d.notification_id`.execute(sql);
  await lockPeople(
    sql,
    rows.map(({ tenant_id, user_id }) => ({ tenantId: tenant_id, userId: user_id })),
  );
}

const namedIn = (callbacks: readonly Callback[]) => statement`
  unnest(
    ${callbacks.map(({ name }) => name.tenantId)}::uuid[],
    ${callbacks.map(({ name }) => name.deliveryId)}::uuid[]
  ) as named (tenant_id, id)`;

type Row = {
  tenant_id: string;
  id: string;
  notification_id: string;
  user_id: string;
  status: DeliveryStatus;
  attempts: number;
  address: string | null;
};

/** Locks each delivery with its notification, as `record-delivery` does. Rides on primary keys. */
async function lockDeliveries(
  sql: Sql,
  channel: CallbackChannel,
  callbacks: readonly Callback[],
): Promise<Delivery[]> {
  const { rows } = await statement<Row>`
    select d.tenant_id, d.id, d.notification_id, n.user_id, d.status, d.attempts,
      encode(coalesce(d.address_digest, ${addressDigest(statement`d.id`, statement`d.address`)}), 'hex') as address
    from notification_deliveries d
    join notification_history n on n.tenant_id = d.tenant_id and n.id = d.notification_id
    where (d.tenant_id, d.id) in (select tenant_id, id from ${namedIn(callbacks)}) and d.channel = ${channel}
    order by n.tenant_id, n.id, d.id
    for no key update of n, d`.execute(sql);
  return rows.map(toDelivery);
}

const toDelivery = (row: Row): Delivery => ({
  tenantId: row.tenant_id,
  deliveryId: row.id,
  notificationId: row.notification_id,
  userId: row.user_id,
  status: row.status,
  attempts: row.attempts,
  address: row.address,
});

/** The rows are locked. Rides on the primary key. */
async function writeChanges(sql: Sql, changes: readonly Change[], now: Temporal.Instant): Promise<void> {
  if (changes.length === 0) return;
  const blanking = blankingOf(statement`said.status`, now);
  await statement`
    update notification_deliveries d
    set status = said.status, failure_reason = said.reason, changed_at = ${now.toString()},
      sent_at = case when said.status = 'delivered' then coalesce(d.sent_at, ${now.toString()}) else d.sent_at end,
      message = ${blanking.message}, address = ${blanking.address}, blank_at = ${blanking.blank_at}
    from unnest(
      ${changes.map(({ tenantId }) => tenantId)}::uuid[],
      ${changes.map(({ deliveryId }) => deliveryId)}::uuid[],
      ${changes.map(({ status }) => status)}::text[],
      ${changes.map(({ reason }) => reason)}::text[]
    ) as said (tenant_id, id, status, reason)
    where d.tenant_id = said.tenant_id and d.id = said.id`.execute(sql);
}

type Marked = PersonRef & { content: Extract<NotificationContent, { type: 'address_bounced' }> };

/** The columns of a person's address on each channel, and of the bounced address that is not tried again. */
const columns = {
  email: { address: statement.ref('email'), bounced: statement.ref('bounced_email') },
  sms: { address: statement.ref('phone'), bounced: statement.ref('bounced_phone') },
};

/**
 * Returns the people whose address was not marked before, so that each is notified once. An address that the person
 * has changed since is not marked. The people are locked. Rides on the primary key.
 */
async function markAddresses(
  sql: Sql,
  channel: CallbackChannel,
  changes: readonly Change[],
): Promise<Marked[]> {
  if (changes.length === 0) return [];
  const { address, bounced } = columns[channel];
  const { rows } = await statement<{ tenant_id: string; id: string; address: string }>`
    update users u
    set ${bounced} = u.${address}
    from unnest(
      ${changes.map(({ tenantId }) => tenantId)}::uuid[],
      ${changes.map(({ userId }) => userId)}::text[],
      ${changes.map(({ deliveryId }) => deliveryId)}::uuid[],
      ${changes.map((change) => change.address)}::text[]
    ) as dead (tenant_id, id, delivery_id, address)
    where u.tenant_id = dead.tenant_id and u.id = dead.id
      and ${addressDigest(statement`dead.delivery_id`, statement`u.${address}`)} = decode(dead.address, 'hex')
      and u.${address} is distinct from u.${bounced}
    returning u.tenant_id, u.id, u.${address} as address`.execute(sql);
  return rows.map(({ tenant_id, id, address }) => ({
    tenantId: tenant_id,
    userId: id,
    content: { type: 'address_bounced', channel, address: maskedAddress(channel, address) },
  }));
}

/** The content uses no interrupting channel, so the notification stays in the app. */
async function insertBounceNotices(
  sql: Sql,
  marked: readonly Marked[],
  now: Temporal.Instant,
): Promise<NotificationRef[]> {
  if (marked.length === 0) return [];
  const recipients = await readRecipients(sql, marked, new Set());
  const items = marked.flatMap((person) => {
    const recipient = recipients.get(personKey(person));
    return recipient ? [makeNotification(person.content, 'warning', recipient, now)] : [];
  });
  await insertNotifications(sql, items, now);
  return items.map(({ tenantId, id }) => ({ tenantId, notificationId: id }));
}
