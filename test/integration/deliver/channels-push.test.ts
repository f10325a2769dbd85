/** Web push to several browsers of a person, and to endpoints that are not of a push service. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pushChannel, type PushOptions } from '../../../src/deliver/channels/push/push.ts';
import type { PushSubscription } from '../../../src/deliver/decide/delivery.ts';
import { deliveryOn, message } from '../../support/worlds/channel-worlds.ts';
import { PushServer, vapid } from '../../support/servers/push-server.ts';
import type { Severity } from '../../../src/values/severity.ts';
import { ranks } from '../../../src/values/rank.ts';

let server: PushServer;
const deleted: string[] = [];

beforeEach(async () => {
  deleted.length = 0;
  server = await PushServer.start();
});
afterEach(() => server.stop());

const makeChannel = (options: Partial<PushOptions> = {}) =>
  pushChannel({
    vapid,
    pushHosts: [server.host],
    publicUrl: null,
    forget: async ({ userId }, id) => deleted.push(`${userId} ${id}`),
    onRest: () => undefined,
    ...options,
  });

const send = (subscriptions: PushSubscription[], severity: Severity = 'danger', channel = makeChannel()) =>
  channel.send({ ...deliveryOn('push', { subscriptions }), severity }, AbortSignal.timeout(1_500));

test('a push message lives for a day, replaces an earlier one of its notification, and links to the service', async () => {
  const phone = server.subscribe('phone');
  const delivery = deliveryOn('push', { subscriptions: [phone] });
  const channel = makeChannel({ publicUrl: 'https://spendwatch.example' });
  expect(await channel.send(delivery, AbortSignal.timeout(1_500))).toEqual({ kind: 'sent' });
  const topic = delivery.notificationId.replaceAll('-', '');
  expect(topic).toMatch(/^[\w-]{1,32}$/);
  expect(server.taken).toEqual([
    {
      subscriptionId: 'phone',
      topic,
      ttl: 86_400,
      urgency: 'high',
      payload: { title: message.title, body: message.text, tag: topic, url: 'https://spendwatch.example' },
    },
  ]);
});

test.each([
  ['info', 'low'],
  ['warning', 'normal'],
  ['critical', 'high'],
] as const)('a push message of severity %s has the urgency %s', async (severity, urgency) => {
  await send([server.subscribe('phone')], severity);
  expect(server.taken).toMatchObject([{ urgency }]);
});

test('a push message goes to every browser, encrypted with its keys', async () => {
  expect(await send([server.subscribe('phone'), server.subscribe('laptop')])).toEqual({ kind: 'sent' });
  expect(server.taken.map(({ subscriptionId }) => subscriptionId).sort()).toEqual(['laptop', 'phone']);
});

test('the subscription of a browser that is gone is deleted, and the other browsers get the message', async () => {
  const subscriptions = [server.subscribe('phone'), server.subscribe('laptop')];
  server.unsubscribe('phone');
  expect(await send(subscriptions)).toEqual({ kind: 'sent' });
  expect(deleted).toEqual(['u1 phone']);
});

test('a push message fails when every browser is gone', async () => {
  const subscriptions = [server.subscribe('phone'), server.subscribe('laptop')];
  for (const { id } of subscriptions) server.unsubscribe(id);
  expect(await send(subscriptions)).toEqual({ kind: 'failed', reason: 'expired' });
  expect(deleted.sort()).toEqual(['u1 laptop', 'u1 phone']);
});

test('a push message is retried while one browser may still accept it', async () => {
  const subscriptions = [server.subscribe('phone'), server.subscribe('laptop')];
  server.refusing = ({ path }, response) => void response.writeHead(path.endsWith('phone') ? 404 : 503).end();
  expect(await send(subscriptions)).toEqual({ kind: 'retry', reason: 'http_503' });
  expect(deleted).toEqual(['u1 phone']);
});

test('a push message to a person without browsers is skipped', async () => {
  expect(await send([])).toEqual({ kind: 'skipped', reason: 'no_address' });
});

test('a signature that the push service refuses deletes no subscription', async () => {
  const foreignSigner = makeChannel({ vapid: { ...vapid, subject: 'mailto:stranger@example.com' } });
  const result = await send([server.subscribe('phone')], 'info', foreignSigner);
  expect(result).toEqual({ kind: 'failed', reason: 'http_403' });
  expect(deleted).toEqual([]);
});

test.each([
  ['p256dh', 'AAAA'],
  ['p256dh', Buffer.alloc(65, 4).toString('base64url')],
  ['auth', 'AAAA'],
])('a subscription with an invalid key fails without an exception: %s %s', async (name, value) => {
  const result = await send([{ ...server.subscribe('phone'), [name]: value }]);
  expect(result).toEqual({ kind: 'failed', reason: 'bad_subscription' });
});

test('subscriptions made for another VAPID key open no circuit and are not deleted', async () => {
  server.refusing = ({ path }, response) =>
    void (path.endsWith('well') ? response.writeHead(201) : response.writeHead(401)).end();
  const channel = makeChannel({ breakerOptions: { failures: 2, restMs: 60_000 } });
  const restricted = server.subscribe('restricted');
  for (let sent = 0; sent < 3; sent += 1)
    expect(await send([restricted], 'info', channel)).toEqual({ kind: 'failed', reason: 'http_401' });
  expect(await send([server.subscribe('well')], 'info', channel)).toEqual({ kind: 'sent' });
  expect(deleted).toEqual([]);
});

test('an endpoint that is not of an allowed push service is not called', async () => {
  const phone = server.subscribe('phone');
  const result = await send([phone], 'info', makeChannel({ pushHosts: [] }));
  expect(result).toEqual({ kind: 'failed', reason: 'endpoint_not_allowed' });
  expect(server.taken).toEqual([]);
});

test('a push service that fails has its circuit opened, and another service does not', async () => {
  const other = await PushServer.start();
  const channel = makeChannel({
    pushHosts: [server.host, other.host],
    breakerOptions: { failures: 2, restMs: 60_000 },
  });
  const [broken, well] = [server.subscribe('phone'), other.subscribe('phone')];
  await server.ledger.wire.cut();
  for (let sent = 0; sent < 2; sent += 1)
    expect(await send([broken], 'info', channel)).toEqual({ kind: 'retry', reason: 'connection_refused' });
  const circuitOpen = { reason: 'provider_unavailable' };
  expect(await send([broken], 'info', channel)).toMatchObject({ kind: 'postponed', ...circuitOpen });
  expect(await send([well], 'info', channel)).toEqual({ kind: 'sent' });
  expect(await send([well, broken], 'info', channel)).toEqual({ kind: 'sent' });
  expect(channel.limiter?.roomFor(ranks.other)).toBe('free');
  // Asking one service counts as an attempt even while the circuit of the other is open.
  other.unsubscribe('phone');
  expect(await send([well, broken], 'info', channel)).toEqual({ kind: 'retry', ...circuitOpen });
  await other.stop();
});
