/** Makes a delivery pending again that ended without arriving, at an operator's request. */
import { sql as statement } from 'kysely';
import type { Message, NotificationContent } from '../notify/decide/content.ts';
import { refuseResend, type ResendRefusal } from './decide/resend.ts';
import type { Recipient } from '../notify/decide/policy.ts';
import type { Database, Sql } from '../runtime/database/database.ts';
import { lockPeople } from '../accounts/people.ts';
import { readRecipients } from '../notify/sql/policy-row.ts';
import type { ChannelSetup } from '../notify/sql/write-plans.ts';
import type { DeliveryStatus } from '../values/statuses.ts';
import type { Channel } from '../values/channels.ts';
import { type DeliveryRef, personKey, type PersonRef } from '../values/refs.ts';

export type Resent =
  /** Pending, and to be enqueued. */
  | { kind: 'resent'; channel: Channel }
  | { kind: 'refused'; channel: Channel; reason: ResendRefusal }
  | { kind: 'missing' };

/** Locks the person, then the notification, then the delivery. */
export const resendDelivery = (
  db: Database,
  ref: DeliveryRef,
  channelSetup: ChannelSetup,
  now: Temporal.Instant,
): Promise<Resent> =>
  db.transaction([ref.tenantId], async (sql) => {
    const person = await findPerson(sql, ref);
    if (!person) return { kind: 'missing' };
    await lockPeople(sql, [person]);
    const recipient = (await readRecipients(sql, [person], channelSetup.configured)).get(personKey(person));
    const delivery = await lockDelivery(sql, ref);
    if (!recipient || !delivery) return { kind: 'missing' };
    const { channel, status } = delivery;
    const reason = refuseResend(status, channel === 'in-app' ? null : recipient.skip[channel]);
    if (reason !== null) return { kind: 'refused', channel, reason };
    await putBack(sql, ref, messageOf(delivery, recipient, channelSetup, now), now);
    await reopenNotification(sql, ref.tenantId, delivery.notification_id);
    await clearMark(sql, person, channel);
    return { kind: 'resent', channel };
  });

/** Rides on primary keys. */
async function findPerson(sql: Sql, { tenantId, deliveryId }: DeliveryRef): Promise<PersonRef | null> {
  const { rows } = await statement<{ user_id: string }>`
    select n.user_id
    from notification_deliveries d
    join notification_history n on n.tenant_id = d.tenant_id and n.id = d.notification_id
    where d.tenant_id = ${tenantId} and d.id = ${deliveryId}`.execute(sql);
  return rows[0] ? { tenantId, userId: rows[0].user_id } : null;
}

type Row = {
  notification_id: string;
  channel: Channel;
  status: DeliveryStatus;
  title: string;
  text: string;
  told: NotificationContent | null;
};

/** Locks the delivery with its notification, as `record-delivery` does. Rides on primary keys. */
async function lockDelivery(sql: Sql, { tenantId, deliveryId }: DeliveryRef): Promise<Row | undefined> {
  const { rows } = await statement<Row>`
    select d.notification_id, d.channel, d.status, n.title, n.message as text, n.told
    from notification_deliveries d
    join notification_history n on n.tenant_id = d.tenant_id and n.id = d.notification_id
    where d.tenant_id = ${tenantId} and d.id = ${deliveryId}
    for no key update of n, d`.execute(sql);
  return rows[0];
}

/** Rendered anew, as its person reads today. In the app a notification keeps its text. */
function messageOf(
  { notification_id: id, channel, title, text, told: content }: Row,
  recipient: Recipient,
  { render }: ChannelSetup,
  now: Temporal.Instant,
): Message {
  if (channel === 'in-app' || content === null) return { title, text };
  return render({ id, content }, channel, recipient, now);
}

/** Gives it all its attempts again. Rides on the primary key. */
async function putBack(
  sql: Sql,
  { tenantId, deliveryId }: DeliveryRef,
  message: Message,
  now: Temporal.Instant,
): Promise<void> {
  await statement`
    update notification_deliveries
    set status = 'pending', attempts = 0, failure_reason = null, sent_at = null, retry_at = null,
      message = ${JSON.stringify(message)}::jsonb, address = null, address_digest = null, blank_at = '-infinity', changed_at = ${now.toString()}
    where tenant_id = ${tenantId} and id = ${deliveryId}`.execute(sql);
}

/**
 * The notification is finalized anew with its delivery. It does not count against the daily quota again if its
 * interruption was given back. Rides on the primary key.
 */
async function reopenNotification(sql: Sql, tenantId: string, notificationId: string): Promise<void> {
  await statement`
    update notification_history
    set status = 'pending', reason = null, sent_at = null
    where tenant_id = ${tenantId} and id = ${notificationId} and status in ('sent', 'failed')`.execute(sql);
}

/** Unmarks a bounced address, because the operator vouches for it. Rides on the primary key. */
async function clearMark(sql: Sql, { tenantId, userId }: PersonRef, channel: Channel): Promise<void> {
  await statement`
    update users
    set bounced_email = case when ${channel} = 'email' then null else bounced_email end,
      bounced_phone = case when ${channel} = 'sms' then null else bounced_phone end
    where tenant_id = ${tenantId} and id = ${userId} and ${channel} in ('email', 'sms')`.execute(sql);
}
