/**
 * Records what providers say of deliveries after they took them: how each ends, and with it its notification;
 * an address that is dead is not tried again, and its person is told so in the app.
 */
import { sql as statement } from 'kysely';
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
  /** Named, and not there on that channel. */
  unknown: DeliveryName[];
  /** To be rung for. */
  notifications: NotificationRef[];
};

/** All of them or none. Said again, they change nothing. Locks people, then notifications, then deliveries. */
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
    // Each once: a notification has one delivery a channel.
    await finalizeNotifications(sql, changes, now);
    const dead = changes.filter(({ isAddressDead }) => isAddressDead);
    const told = await tellOfAddresses(sql, await markAddresses(sql, channel, dead), now);
    const unknown = callbacks.map(({ name }) => name).filter((name) => !deliveries.some(isNamed(name)));
    return { changed: changes, unknown, notifications: told };
  });

type Delivery = DeliveryName & PersonRef & DeliveryState & { notificationId: string; address: string | null };

type Change = Omit<Delivery, 'status'> & CalledBack;

const isNamed =
  (one: DeliveryName) =>
  (other: DeliveryName): boolean =>
    one.tenantId === other.tenantId && one.deliveryId === other.deliveryId;

function changeOf(delivery: Delivery, callbacks: readonly Callback[]): Change[] {
  const said = callbacks.filter(({ name }) => isNamed(delivery)(name)).map((callback) => callback.said);
  const reached = afterCallbacks(delivery, said);
  return reached ? [{ ...delivery, ...reached }] : [];
}

/** Whose address may be marked is locked before any notification is. Rides on primary keys. */
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

/** Each with its notification, as `record-delivery` locks them. Rides on primary keys. */
async function lockDeliveries(
  sql: Sql,
  channel: CallbackChannel,
  callbacks: readonly Callback[],
): Promise<Delivery[]> {
  const { rows } = await statement<Row>`
    select d.tenant_id, d.id, d.notification_id, n.user_id, d.status, d.attempts, d.address
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

/** On the primary key; the rows are locked. */
async function writeChanges(sql: Sql, changes: readonly Change[], now: Temporal.Instant): Promise<void> {
  if (changes.length === 0) return;
  await statement`
    update notification_deliveries d
    set status = said.status, failure_reason = said.reason, changed_at = ${now.toString()},
      sent_at = case when said.status = 'delivered' then coalesce(d.sent_at, ${now.toString()}) else d.sent_at end
    from unnest(
      ${changes.map(({ tenantId }) => tenantId)}::uuid[],
      ${changes.map(({ deliveryId }) => deliveryId)}::uuid[],
      ${changes.map(({ status }) => status)}::text[],
      ${changes.map(({ reason }) => reason)}::text[]
    ) as said (tenant_id, id, status, reason)
    where d.tenant_id = said.tenant_id and d.id = said.id`.execute(sql);
}

type Marked = PersonRef & { told: Extract<NotificationContent, { type: 'address_bounced' }> };

/** The person's address on each channel, and the one that is not tried again. */
const columns = {
  email: { address: statement.ref('email'), bounced: statement.ref('bounced_email') },
  sms: { address: statement.ref('phone'), bounced: statement.ref('bounced_phone') },
};

/**
 * Answers whose address was not marked before: of each a person is told once. One that the person has changed
 * since is left alone. On the primary key; the people are locked.
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
      ${changes.map((change) => change.address)}::text[]
    ) as dead (tenant_id, id, address)
    where u.tenant_id = dead.tenant_id and u.id = dead.id
      and u.${address} = dead.address and u.${address} is distinct from u.${bounced}
    returning u.tenant_id, u.id, dead.address`.execute(sql);
  return rows.map(({ tenant_id, id, address }) => ({
    tenantId: tenant_id,
    userId: id,
    told: { type: 'address_bounced', channel, address: maskedAddress(channel, address) },
  }));
}

/** By no channel that interrupts, so it is told in the app alone. */
async function tellOfAddresses(
  sql: Sql,
  marked: readonly Marked[],
  now: Temporal.Instant,
): Promise<NotificationRef[]> {
  if (marked.length === 0) return [];
  const reached = await readRecipients(sql, marked, new Set());
  const items = marked.flatMap((person) => {
    const recipient = reached.get(personKey(person));
    return recipient ? [makeNotification(person.told, 'warning', recipient, now)] : [];
  });
  await insertNotifications(sql, items, now);
  return items.map(({ tenantId, id }) => ({ tenantId, notificationId: id }));
}
