/** A delivery that is decided and not sent, on channels that answer as a test says, step by step as the worker does it. */
import { pino } from 'pino';
import { planNotification } from '../../../src/notify/plan-notification.ts';
import type { DeliveryChannel } from '../../../src/deliver/channels/channel.ts';
import type { AfterCrash, ClaimedDelivery, SendResult } from '../../../src/deliver/decide/delivery.ts';
import { deliver, type DeliverSteps } from '../../../workers/deliver.ts';
import type { TestService } from '../servers/service.ts';
import { waitingNotification } from './waiting-notification.ts';
import type { Channel } from '../../../src/values/channels.ts';

/** A channel that answers with the results given, one after another, and notes what it was sent. */
export function scripted(channel: Channel, afterCrash: AfterCrash, ...results: SendResult[]) {
  const sent: ClaimedDelivery[] = [];
  const send = async (delivery: ClaimedDelivery): Promise<SendResult> => {
    sent.push(delivery);
    const result = results.shift();
    if (!result) throw new Error('the process died');
    return result;
  };
  return { channel, afterCrash, send, sent };
}

/** Planned and not sent: a notification with a delivery on in-app and on each of these. */
export async function planned(service: TestService, ...others: DeliveryChannel[]) {
  const channels = new Map(service.services.channels);
  for (const other of others) channels.set(other.channel, other);
  const names = others.map(({ channel }) => channel);
  const ref = await waitingNotification(service, { channels: ['in-app', ...names] });
  const { db, channelSetup: means } = service.services;
  const configured = new Set(channels.keys());
  const plan = await planNotification(db, ref, { ...means, configured }, service.clock.now());
  if (plan.kind !== 'planned') throw new Error(plan.kind);
  const idOf = (channel: Channel): string =>
    plan.deliveries.find((unsent) => unsent.channel === channel)?.deliveryId ?? '';
  const run = (channel: Channel, steps: Partial<DeliverSteps> = {}, isRepeat = false) =>
    deliver({ ...service.services, channels }, { jitter: () => 0, ...steps })(
      { tenantId: ref.tenantId, deliveryId: idOf(channel), channel, correlationId: 'c1' },
      { log: pino({ level: 'silent' }), signal: undefined, isRepeat },
    );
  const read = async () => (await service.get('/api/smart-alerts/notifications', ref.token)).body.data[0];
  /** Those taken of the person's day. */
  const places = async () => {
    const day = service.sql
      .selectFrom('daily_interruptions as d')
      .innerJoin('notification_history as n', 'n.user_id', 'd.user_id');
    return (await day.select('d.count').where('n.id', '=', ref.notificationId).executeTakeFirst())?.count;
  };
  return { ...ref, channels, idOf, run, read, places };
}
