/** A delivery that is decided and not sent, on channels that answer as a test says, step by step as the worker does it. */
import { pino } from 'pino';
import { claimDelivery } from '../../src/db/queries/claim-delivery.ts';
import { planDeliveries } from '../../src/db/queries/plan-deliveries.ts';
import { recordDelivery } from '../../src/db/queries/record-delivery.ts';
import type { DeliveryChannel } from '../../src/delivery/channel.ts';
import type { AfterCrash, ClaimedDelivery, SendResult } from '../../src/domain/delivery.ts';
import type { Channel } from '../../src/domain/rule.ts';
import { deliver, type DeliverDependencies } from '../../workers/deliver.ts';
import type { TestService } from './service.ts';
import { waitingNotification } from './waiting-notification.ts';

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
  const { db, means } = service.services;
  const configured = new Set(channels.keys());
  const plan = await planDeliveries(db, ref, { ...means, configured }, service.clock.now());
  if (plan.kind !== 'planned') throw new Error(plan.kind);
  const idOf = (channel: Channel): string =>
    plan.unsent.find((unsent) => unsent.channel === channel)?.deliveryId ?? '';
  const dependencies = dependenciesOf(service, channels);
  const run = (channel: Channel, overrides: Partial<DeliverDependencies> = {}, isRepeat = false) =>
    deliver({ ...dependencies, ...overrides })(
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
  return { ...ref, idOf, run, read, places };
}

export function dependenciesOf(
  service: TestService,
  channels: ReadonlyMap<Channel, DeliveryChannel>,
): DeliverDependencies {
  const { db } = service.services;
  const now = () => service.clock.now();
  return {
    claim: (ref, abandonedAttempt) => claimDelivery(service.sql, ref, now(), abandonedAttempt),
    record: (ref, record) => recordDelivery(db, ref, record, now()),
    channelOf: (channel) => channels.get(channel),
    count: () => undefined,
    now,
    jitter: () => 0,
  };
}
