/** Web push to a person's several browsers, and to addresses that are none of a push service. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pushChannel, type PushOptions } from '../../../src/deliver/channels/push/push.ts';
import type { PushSubscription } from '../../../src/deliver/decide/delivery.ts';
import { deliveryOn, message } from '../../support/worlds/channel-worlds.ts';
import { PushServer, vapid } from '../../support/servers/push-server.ts';
import type { Severity } from '../../../src/values/severity.ts';

let server: PushServer;
const forgotten: string[] = [];

beforeEach(async () => {
  forgotten.length = 0;
  server = await PushServer.start();
});
afterEach(() => server.stop());

const channelOf = (options: Partial<PushOptions> = {}) =>
  pushChannel({
    vapid,
    pushHosts: [server.host],
    publicUrl: null,
    forget: async ({ userId }, id) => forgotten.push(`${userId} ${id}`),
    onRest: () => undefined,
    ...options,
  });

const send = (subscriptions: PushSubscription[], severity: Severity = 'danger', channel = channelOf()) =>
  channel.send({ ...deliveryOn('push', { subscriptions }), severity }, AbortSignal.timeout(1_500));

test('a message is a day’s news, takes the place of its like, and leads to the service', async () => {
  const phone = server.subscribe('phone');
  const delivery = deliveryOn('push', { subscriptions: [phone] });
  const channel = channelOf({ publicUrl: 'https://spendwatch.example' });
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
] as const)('%s is of urgency %s', async (severity, urgency) => {
  await send([server.subscribe('phone')], severity);
  expect(server.taken).toMatchObject([{ urgency }]);
});

test('it goes to every browser, each with its own keys', async () => {
  expect(await send([server.subscribe('phone'), server.subscribe('laptop')])).toEqual({ kind: 'sent' });
  expect(server.taken.map(({ subscriptionId }) => subscriptionId).sort()).toEqual(['laptop', 'phone']);
});

test('a browser that is gone is forgotten, and the others hear', async () => {
  const subscriptions = [server.subscribe('phone'), server.subscribe('laptop')];
  server.unsubscribe('phone');
  expect(await send(subscriptions)).toEqual({ kind: 'sent' });
  expect(forgotten).toEqual(['u1 phone']);
});

test('with every browser gone it has failed', async () => {
  const subscriptions = [server.subscribe('phone'), server.subscribe('laptop')];
  for (const { id } of subscriptions) server.unsubscribe(id);
  expect(await send(subscriptions)).toEqual({ kind: 'failed', reason: 'expired' });
  expect(forgotten.sort()).toEqual(['u1 laptop', 'u1 phone']);
});

test('one browser that may still take it keeps it alive', async () => {
  const subscriptions = [server.subscribe('phone'), server.subscribe('laptop')];
  server.refusing = ({ path }, response) => void response.writeHead(path.endsWith('phone') ? 404 : 503).end();
  expect(await send(subscriptions)).toEqual({ kind: 'retry', reason: 'http_503' });
  expect(forgotten).toEqual(['u1 phone']);
});

test('nobody’s browser is skipped', async () => {
  expect(await send([])).toEqual({ kind: 'skipped', reason: 'no_address' });
});

test('another’s signature is refused, and nothing is forgotten for it', async () => {
  const stranger = channelOf({ vapid: { ...vapid, subject: 'mailto:stranger@example.com' } });
  const result = await send([server.subscribe('phone')], 'info', stranger);
  expect(result).toEqual({ kind: 'failed', reason: 'http_403' });
  expect(forgotten).toEqual([]);
});

test.each([
  ['p256dh', 'AAAA'],
  ['p256dh', Buffer.alloc(65, 4).toString('base64url')],
  ['auth', 'AAAA'],
])('keys that are none are no reason to die: %s %s', async (name, value) => {
  const result = await send([{ ...server.subscribe('phone'), [name]: value }]);
  expect(result).toEqual({ kind: 'failed', reason: 'bad_subscription' });
});

test('another key’s subscriptions let no service rest, and are not forgotten', async () => {
  server.refusing = ({ path }, response) =>
    void (path.endsWith('well') ? response.writeHead(201) : response.writeHead(401)).end();
  const channel = channelOf({ patience: { failures: 2, restMs: 60_000 } });
  const restricted = server.subscribe('restricted');
  for (let sent = 0; sent < 3; sent += 1)
    expect(await send([restricted], 'info', channel)).toEqual({ kind: 'failed', reason: 'http_401' });
  expect(await send([server.subscribe('well')], 'info', channel)).toEqual({ kind: 'sent' });
  expect(forgotten).toEqual([]);
});

test('an address that is none of a push service is not called', async () => {
  const phone = server.subscribe('phone');
  const result = await send([phone], 'info', channelOf({ pushHosts: [] }));
  expect(result).toEqual({ kind: 'failed', reason: 'endpoint_not_allowed' });
  expect(server.taken).toEqual([]);
});

test('a push service that fails is left alone, and another is not', async () => {
  const other = await PushServer.start();
  const channel = channelOf({
    pushHosts: [server.host, other.host],
    patience: { failures: 2, restMs: 60_000 },
  });
  const [broken, well] = [server.subscribe('phone'), other.subscribe('phone')];
  await server.ledger.wire.cut();
  for (let sent = 0; sent < 2; sent += 1)
    expect(await send([broken], 'info', channel)).toEqual({ kind: 'retry', reason: 'connection_refused' });
  const rests = { reason: 'provider_unavailable' };
  expect(await send([broken], 'info', channel)).toMatchObject({ kind: 'postponed', ...rests });
  expect(await send([well], 'info', channel)).toEqual({ kind: 'sent' });
  expect(await send([well, broken], 'info', channel)).toEqual({ kind: 'sent' });
  expect(channel.limiter?.availableAt(Temporal.Instant.fromEpochMilliseconds(0))).toBeNull();
  // Asking the one is an attempt, whatever the other does.
  other.unsubscribe('phone');
  expect(await send([well, broken], 'info', channel)).toEqual({ kind: 'retry', ...rests });
  await other.stop();
});
