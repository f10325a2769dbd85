import { describe, expect, test } from 'vitest';
import { rotateWebhookSecret } from '../../../src/accounts/webhook-sources.ts';
import {
  expenseEvent as event,
  nowSeconds,
  signatureOf,
  accepted,
  unsigned,
  webhookOfFile,
} from '../../support/servers/webhook.ts';

const webhook = await webhookOfFile();
const { service, send, anotherSource, statusOf } = webhook;

async function rotate(endsInMs = 3_600_000): Promise<string> {
  const endsAt = Temporal.Now.instant().add({ milliseconds: endsInMs });
  const rotated = await rotateWebhookSecret(service.services.db, webhook.source.sourceId, endsAt);
  if (!rotated) throw new Error('nothing was rotated');
  return rotated.secret;
}

describe('POST /api/webhooks/:sourceId accepts', () => {
  test('one event, under the id of the webhook source whatever the event names', async () => {
    const one = event({ source: 'cards' });
    expect(await send(one)).toMatchObject(accepted(1));
    expect(await statusOf(webhook.source.sourceId, one.id)).toBe(200);
    expect(await statusOf('cards', one.id)).toBe(404);
  });

  test('events with an invalid source of their own', async () => {
    expect(await send([event({ source: '' }), event({ source: 7 })])).toMatchObject(accepted(2));
  });

  test('the id of its source in capitals', async () => {
    const one = event();
    expect(await send(one, { sourceId: webhook.source.sourceId.toUpperCase() })).toMatchObject(accepted(1));
    expect(await send(one)).toMatchObject(accepted(0, 1));
    expect(await statusOf(webhook.source.sourceId, one.id)).toBe(200);
  });

  test('an array, and the valid events of one with an invalid event', async () => {
    expect(await send([event(), event()])).toMatchObject(accepted(2));
    const answer = await send([event({ type: 'x' }), event()]);
    expect(answer).toMatchObject({ status: 202, body: { accepted: 1, rejected: [{ index: 0 }] } });
  });

  test('CloudEvents in structured and in batched mode', async () => {
    const attributes = {
      specversion: '1.0',
      source: '/cards',
      subject: 'exp',
      dataschema: 'https://example.com/schema',
      datacontenttype: 'application/json',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    };
    const one = event(attributes);
    expect(await send(one, { contentType: 'application/cloudevents+json; charset=UTF-8' })).toMatchObject(
      accepted(1),
    );
    const batch = [event(attributes), event(attributes)];
    expect(await send(batch, { contentType: 'application/cloudevents-batch+json' })).toMatchObject(
      accepted(2),
    );
  });

  test('a replay, and counts it as a duplicate', async () => {
    const one = event();
    const timestamp = nowSeconds();
    expect(await send(one, { timestamp })).toMatchObject(accepted(1));
    expect(await send(one, { timestamp })).toMatchObject(accepted(0, 1));
    expect(await send(one, { timestamp: timestamp - 60 })).toMatchObject(accepted(0, 1));
    const other = { ...one, data: { ...one.data, amount: '1' } };
    expect(await send(other)).toMatchObject({ status: 409, body: { errors: [{ pointer: '/id' }] } });
  });

  test('a valid signature among others', async () => {
    const body = JSON.stringify(event());
    const timestamp = nowSeconds();
    const good = signatureOf('msg_1', timestamp, body, webhook.source.secret);
    const other = signatureOf('msg_1', timestamp, body, (await anotherSource()).secret);
    const signatures = `v1a,${'A'.repeat(86)}== ${other} v2,x v1, ${good}`;
    const headers = { 'webhook-id': 'msg_1', 'webhook-signature': signatures };
    expect(await send(body, { timestamp, headers })).toMatchObject(accepted(1));
  });

  test.each([-295, 295])('a timestamp that is %i seconds off', async (offset) => {
    expect(await send(event(), { timestamp: nowSeconds() + offset })).toMatchObject(accepted(1));
  });

  test('an id with a full stop, and a timestamp by the system clock', async () => {
    service.clock.advance({ hours: 48 });
    expect(await send(event(), { headers: { 'webhook-id': 'msg.1.2' } })).toMatchObject(accepted(1));
  });
});

describe('the secrets of a webhook source', () => {
  test('are both valid during a rotation', async () => {
    await send(event());
    const next = await rotate();
    expect(await send(event(), { secret: next })).toMatchObject(accepted(1));
    expect(await send(event())).toMatchObject(accepted(1));
  });

  test('are two at most: the last but one stops working within seconds', async () => {
    const first = webhook.source.secret;
    expect(await send(event(), { secret: first })).toMatchObject(accepted(1));
    const [second, third] = [await rotate(), await rotate()];
    const status = async (secret: string) => (await send(event(), { secret })).status;
    await expect.poll(() => status(first), { timeout: 20_000, interval: 200 }).toBe(401);
    expect(await Promise.all([second, third].map(status))).toEqual([202, 202]);
  });

  test('end at the time given to the rotation', async () => {
    const next = await rotate(-1);
    expect(await send(event())).toMatchObject(unsigned(webhook.source.sourceId));
    expect(await send(event(), { secret: next })).toMatchObject(accepted(1));
  });

  test('end at that time while they are cached, too', async () => {
    const next = await rotate(1_000);
    expect(await send(event(), { secret: next })).toMatchObject(accepted(1));
    const status = async () => (await send(event())).status;
    await expect.poll(status, { timeout: 4_000, interval: 100 }).toBe(401);
  });
});
