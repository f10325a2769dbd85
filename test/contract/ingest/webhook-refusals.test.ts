import { describe, expect, test } from 'vitest';
import type { Answer } from '../../support/servers/service.ts';
import {
  expenseEvent as event,
  nowSeconds,
  type Sent,
  signatureOf,
  accepted,
  unsigned,
  webhookOfFile,
} from '../../support/servers/webhook.ts';

const webhook = await webhookOfFile();
const { service, send, anotherSource, statusOf } = webhook;

describe('a webhook is refused', () => {
  const nobody = '01a20366-d534-7ad4-baa5-cf2d9295768f';

  const wrong: [string, () => Sent | Promise<Sent>][] = [
    ['with a byte changed', () => ({ signed: (content) => content.replace('42.10', '42.11') })],
    ['with a space added', () => ({ signed: (content) => content.replace(':', ': ') })],
    ['signed for another time', () => ({ headers: { 'webhook-timestamp': String(nowSeconds() - 1) } })],
    ['timed more than five minutes ago', () => ({ timestamp: nowSeconds() - 301 })],
    ['timed more than five minutes ahead', () => ({ timestamp: nowSeconds() + 310 })],
    ['signed by another source', async () => ({ secret: (await anotherSource()).secret })],
    [
      'signed by another tenant',
      async () => ({ secret: (await anotherSource((await service.anotherTenant()).tenantId)).secret }),
    ],
    ['with an API key and no signature', () => ({ headers: asService({ 'webhook-signature': null }) })],
    [
      'with an API key and a wrong signature',
      () => ({ headers: asService({ 'webhook-signature': 'v1,x' }) }),
    ],
    ...['webhook-id', 'webhook-timestamp', 'webhook-signature'].flatMap((name): [string, () => Sent][] => [
      [`without ${name}`, () => ({ headers: { [name]: null } })],
      [`with an empty ${name}`, () => ({ headers: { [name]: '' } })],
    ]),
    ...['now', '-1', '1.5', '1e9', '0x10', '99999999999999999999', 'NaN', '2026-11-22T10:00:00Z'].map(
      (timestamp): [string, () => Sent] => [
        `timed ${timestamp}`,
        () => ({ headers: { 'webhook-timestamp': timestamp } }),
      ],
    ),
    ...['v1', 'v1,', 'x', ',', ' ', 'v1,not base64', `v1,${'A'.repeat(43)}=`, 'v1,'.repeat(1000)].map(
      (signature): [string, () => Sent] => [
        `signed ${signature.slice(0, 20)}`,
        () => ({ headers: { 'webhook-signature': signature } }),
      ],
    ),
  ];

  function asService(headers: Record<string, string | null>): Record<string, string | null> {
    return { authorization: `Bearer ${service.tenant.apiKey}`, ...headers };
  }

  test.each(wrong)('%s', async (_name, sent) => {
    const one = event();
    expect(await send(one, await sent())).toMatchObject(unsigned(webhook.source.sourceId));
    expect(await statusOf(webhook.source.sourceId, one.id)).toBe(404);
    // The same post with a valid signature is accepted, so nothing else was wrong with it.
    expect(await send(one)).toMatchObject(accepted(1));
  });

  test.each(['v2', 'v1a', 'V1', ''])('with a valid signature of version "%s"', async (version) => {
    const body = JSON.stringify(event());
    const timestamp = nowSeconds();
    const [, signature] = signatureOf('msg_1', timestamp, body, webhook.source.secret).split(',');
    const headers = { 'webhook-id': 'msg_1', 'webhook-signature': `${version},${signature}` };
    expect(await send(body, { timestamp, headers })).toMatchObject(unsigned(webhook.source.sourceId));
  });

  test.each([nobody, 'cards', 'x', encodeURIComponent("' or 1=1"), '%00', `${nobody}0`, 'x'.repeat(500)])(
    'for the unknown source %s',
    async (sourceId) => {
      expect(await send(event(), { sourceId })).toMatchObject(unsigned(sourceId));
    },
  );

  test('with the same response for a known and an unknown source', async () => {
    const known = await send(event(), { secret: (await anotherSource()).secret });
    const unknown = await send(event(), { sourceId: nobody });
    const headersOf = ({ headers }: Answer) => {
      const own = ['date', 'x-request-id', 'content-length'];
      return Object.fromEntries([...headers].filter(([name]) => !own.includes(name)));
    };
    expect(headersOf(known)).toMatchObject({ 'www-authenticate': 'Webhook realm="spendwatch"' });
    expect(headersOf(known)).toEqual(headersOf(unknown));
    expect(known.body).toEqual(unsigned(webhook.source.sourceId).body);
    expect(unknown.body).toEqual(unsigned(nobody).body);
  });

  test.each([
    ['malformed JSON', '{"id":'],
    ['an empty body', ''],
    ['bytes that are not UTF-8', Buffer.from([0xff, 0xfe, 0x7b])],
  ])('with 401 for %s and a wrong signature', async (_name, body) => {
    expect(await send(body, { signed: () => 'another body' })).toMatchObject(
      unsigned(webhook.source.sourceId),
    );
  });
});

describe('a webhook with a valid signature is refused', () => {
  test.each([
    ['malformed JSON', '{"id":'],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22])],
    ['a truncated __proto__ member', '{"__proto__":'],
  ])('with 400 for %s', async (_name, body) => {
    const answer = await send(body);
    expect(answer).toMatchObject({ status: 400, body: { title: 'Bad Request' } });
    expect(answer.body.detail).toContain('not well-formed JSON');
  });

  test('with 400 for an invalid byte within a text', async () => {
    const [head = '', tail = ''] = JSON.stringify(event()).split('CAFÉ');
    const body = Buffer.concat([Buffer.from(head), Buffer.from([0xc9]), Buffer.from(tail)]);
    expect(await send(body)).toMatchObject({ status: 400 });
  });

  test.each([
    ['an empty body', ''],
    ['an empty array', '[]'],
    ['null', 'null'],
    ['a number', '5'],
  ])('with 400 for %s', async (_name, body) => {
    expect(await send(body)).toMatchObject({ status: 400, body: { errors: [{ pointer: '' }] } });
  });

  test('with 400 and a pointer to every wrong value', async () => {
    const answer = await send(event({ specversion: '0.3', data_base64: 'e30=', data: undefined }));
    expect(answer.status).toBe(400);
    const pointers = answer.body.errors.map((error: { pointer: string }) => error.pointer);
    expect(pointers).toEqual(['/specversion', '/data_base64', '/data']);
  });

  test('in part if one event holds __proto__, and the others are accepted', async () => {
    const poisoned = JSON.stringify(event()).replace('"data":{', '"data":{"__proto__":{"isAdmin":true},');
    const answer = await send(`[${poisoned},${JSON.stringify(event())}]`);
    expect(answer).toMatchObject({ status: 202, body: { accepted: 1 } });
    expect(answer.body.rejected).toMatchObject([{ index: 0, pointer: '/0/data/__proto__' }]);
  });

  test.each([
    ['application/cloudevents+json', () => [event()], 'must be one event'],
    ['application/cloudevents-batch+json', () => event(), 'must be an array'],
  ])('with 400 for a body that does not match the media type %s', async (contentType, body, message) => {
    const answer = await send(body(), { contentType });
    expect(answer).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '', message: expect.stringContaining(message) }] },
    });
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded'])('with 415 for %s', async (contentType) => {
    expect((await send(event(), { contentType })).status).toBe(415);
  });

  test('with 413 above 5 MiB, and accepted at 5 MiB', async () => {
    const sized = (bytes: number) => {
      const text = JSON.stringify(event());
      return text + ' '.repeat(bytes - Buffer.byteLength(text));
    };
    const limit = 5 * 1024 * 1024;
    const detail = 'The body is larger than 5120 KiB.';
    expect(await send(sized(limit + 1))).toMatchObject({ status: 413, body: { detail } });
    expect(await send(sized(limit))).toMatchObject(accepted(1));
  });
});
