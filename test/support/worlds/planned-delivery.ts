/** Makes pending deliveries on scripted channels, and runs the steps of the delivery worker on them one by one. */
import { pino } from 'pino';
import { planNotification } from '../../../src/notify/plan-notification.ts';
import type { DeliveryChannel } from '../../../src/deliver/channels/channel.ts';
import type { AfterCrash, ClaimedDelivery, SendResult } from '../../../src/deliver/decide/delivery.ts';
import { deliver, type DeliverSteps } from '../../../workers/deliver.ts';
import type { TestService } from '../servers/service.ts';
import { quotaOf } from './rows.ts';
import { waitingNotification } from './waiting-notification.ts';
import type { Channel } from '../../../src/values/channels.ts';

/** Makes a channel that returns the given results one after another and records the deliveries sent to it. */
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

/** Plans a notification with a pending delivery on in-app and on each of the given channels. */
export async function planned(service: TestService, ...others: DeliveryChannel[]) {
  const channels = new Map(service.services.channels);
  for (const other of others) channels.set(other.channel, other);
  const names = others.map(({ channel }) => channel);
  const ref = await waitingNotification(service, { channels: ['in-app', ...names] });
  const { db, channelSetup } = service.services;
  const configured = new Set(channels.keys());
  const plan = await planNotification(db, ref, { ...channelSetup, configured }, service.clock.now());
  if (plan.kind !== 'planned') throw new Error(plan.kind);
  const idOf = (channel: Channel): string =>
    plan.deliveries.find((delivery) => delivery.channel === channel)?.deliveryId ?? '';
  const run = (channel: Channel, steps: Partial<DeliverSteps> = {}, isRepeat = false) =>
    deliver({ ...service.services, channels }, { jitter: () => 0, ...steps })(
      { tenantId: ref.tenantId, deliveryId: idOf(channel), channel, correlationId: 'c1' },
      { log: pino({ level: 'silent' }), signal: undefined, isRepeat },
    );
  const read = async () => (await service.get('/api/smart-alerts/notifications', ref.token)).body.data[0];
  /** Reads how much counts against the person's daily quota. */
  const places = async () => (await quotaOf(service.sql, ref))[0];
  return { ...ref, channels, idOf, run, read, places };
}
