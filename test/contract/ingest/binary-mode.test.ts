/** CloudEvents in the binary mode of HTTP: attributes in headers, the data in the body. */
import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import {
  accepted,
  expenseEvent,
  nowSeconds,
  signatureOf,
  unsigned,
  webhookOfFile,
} from '../../support/servers/webhook.ts';

const webhook = await webhookOfFile();
const { service, send, statusOf } = webhook;

type HeaderValues = Record<string, string | string[]>;

/** By Node's own client, because `fetch` changes headers that are repeated or not ASCII. */
async function post(headers: HeaderValues, body: unknown, contentType = 'application/json') {
  const sending = request(`${service.url}/api/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${service.tenant.apiKey}`, 'content-type': contentType, ...headers },
  });
  sending.end(JSON.stringify(body));
  const [answer] = await once(sending, 'response');
  return { status: answer.statusCode as number, body: JSON.parse(await text(answer)) };
}

/** The attributes as headers, and the data. */
function split(changes: object = {}): { headers: Record<string, string>; data: object; id: string } {
  const { id, type, time, data } = expenseEvent(changes);
  const attributes = { id, type, time, specversion: '1.0', source: '/cards/eu' };
  const headers = Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [`ce-${name}`, value]),
  );
  return { headers, data, id };
}

const columnsOf = (id: string) =>
  service.sql.selectFrom('events').selectAll().where('id', '=', id).executeTakeFirst();

describe('POST /api/events in binary mode', () => {
  test('takes one event, the same as in structured mode', async () => {
    const { headers, data, id } = split();
    expect(await post(headers, data)).toMatchObject(accepted(1));
    expect(await post(headers, data)).toMatchObject(accepted(0, 1));
    const { 'ce-type': type, 'ce-time': time } = headers;
    const structured = { id, type, time, source: '/cards/eu', data };
    expect(await service.post('/api/events', structured)).toMatchObject(accepted(0, 1));
    expect(await statusOf('/cards/eu', id)).toBe(200);
  });

  test('takes a deletion, the sequence, and extensions that it ignores', async () => {
    const { headers, id } = split();
    const all = { ...headers, 'ce-type': 'expense.deleted', 'ce-sequence': '0042', 'ce-traceparent': '00-1' };
    expect(await post(all, { expenseId: 'exp_gone' })).toMatchObject(accepted(1));
    expect(await columnsOf(id)).toMatchObject({
      type: 'expense.deleted',
      sequence: '0042',
      expense_id: 'exp_gone',
    });
  });

  test.each([
    ['percent-encoded text', 'caf%C3%A9%20%F0%9F%98%80', 'café 😀'],
    ['an encoded percent sign', '100%25', '100%'],
    ['one round of decoding', '%2541', '%41'],
    ['a quoted text', String.raw`"a \"b\" \\ c"`, String.raw`a "b" \ c`],
    ['a plus sign as it is', 'a+b', 'a+b'],
  ])('reads %s', async (_name, written, read) => {
    const { headers, data } = split();
    expect(await post({ ...headers, 'ce-id': written }, data)).toMatchObject(accepted(1));
    expect(await statusOf('/cards/eu', read)).toBe(200);
  });

  test('may leave out the version and the source', async () => {
    const { headers, data, id } = split();
    const { 'ce-specversion': _version, 'ce-source': _source, ...rest } = headers;
    expect(await post(rest, data)).toMatchObject(accepted(1));
    expect(await statusOf('api', id)).toBe(200);
  });

  test.each<[string, HeaderValues, string[]]>([
    ['another version', { 'ce-specversion': '0.3' }, ['/specversion']],
    ['an empty id', { 'ce-id': '' }, ['/id']],
    ['an id of zero width', { 'ce-id': '%E2%80%8B' }, ['/id']],
    ['an empty sequence', { 'ce-sequence': '' }, ['/sequence']],
    ['a wrong type and time', { 'ce-type': 'x', 'ce-time': 'now' }, ['/type', '/time']],
    ['a NUL', { 'ce-id': 'a%00' }, ['/id']],
  ])('answers 400 to %s, with a pointer into the event', async (_name, changes, pointers) => {
    const { headers, data } = split();
    const { status, body } = await post({ ...headers, ...changes }, data);
    expect(status).toBe(400);
    expect(body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(pointers);
  });

  test('answers 400 if headers that are needed are missing, and names each', async () => {
    const { data } = split();
    const { status, body } = await post({ 'ce-specversion': '1.0' }, data);
    expect(status).toBe(400);
    expect(body.errors).toEqual(
      ['/id', '/type', '/time'].map((pointer) => ({ pointer, message: 'is required' })),
    );
  });

  test.each<[string, HeaderValues, string]>([
    ['is there twice', { 'ce-id': ['a', 'b'] }, 'The header ce-id is there more than once.'],
    ['is not ASCII', { 'ce-id': Buffer.from('café').toString('latin1') }, 'must be percent-encoded'],
    [
      'has a percent sign alone',
      { 'ce-source': '100%' },
      'The header ce-source is not percent-encoded UTF-8.',
    ],
    ['encodes bytes that are not UTF-8', { 'ce-id': 'caf%E9' }, 'is not percent-encoded UTF-8'],
    ['encodes a surrogate', { 'ce-id': '%ED%A0%80' }, 'is not percent-encoded UTF-8'],
  ])('answers 400 to a header that %s', async (_name, changes, detail) => {
    const { headers, data } = split();
    expect(await post({ ...headers, ...changes }, data)).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining(detail) },
    });
  });

  test.each([
    ['several events', () => [expenseEvent(), expenseEvent()], 'must be the data of one event'],
    ['an event beside the headers', () => expenseEvent(), 'must be the data alone'],
  ])('answers 400 to %s in the body', async (_name, body, message) => {
    expect(await post(split().headers, body())).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '', message: expect.stringContaining(message) }] },
    });
  });

  test.each([
    ['no data', undefined, '/data'],
    ['a text', 'text', '/data'],
    ['an unknown field', { expenseId: 'x', __proto_: 1 }, '/data/__proto_'],
  ])('answers 400 to %s as data', async (_name, data, pointer) => {
    const { headers } = split();
    const { status, body } = await post({ ...headers, 'ce-type': 'expense.deleted' }, data);
    expect([status, body.errors.at(-1).pointer]).toEqual([400, pointer]);
  });

  test('takes no attribute named data, and no name with other characters', async () => {
    const { headers, data, id } = split();
    const strange = { 'ce-data': '{}', 'ce-__proto__': 'x', 'ce-data_base64': 'e30=' };
    expect(await post({ ...headers, ...strange }, data)).toMatchObject(accepted(1));
    expect(await statusOf('/cards/eu', id)).toBe(200);
  });

  test.each([
    ['application/cloudevents+json', () => expenseEvent(), 1],
    ['application/cloudevents-batch+json', () => [expenseEvent(), expenseEvent()], 2],
  ])('leaves the copies of attributes beside %s unread', async (contentType, body, events) => {
    expect(await post({ ...split().headers, 'ce-id': '100%' }, body(), contentType)).toMatchObject(
      accepted(events),
    );
  });
});

describe('POST /api/webhooks/:sourceId', () => {
  test('answers 400 to binary mode, and says that the headers are not signed', async () => {
    const { headers, data, id } = split();
    expect(await send(data, { headers })).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining('ce- headers are not signed') },
    });
    expect(await statusOf(webhook.source.sourceId, id)).toBe(404);
    expect(await send(expenseEvent(), { headers: { 'ce-id': 'x' } })).toMatchObject({ status: 400 });
  });

  test('answers 401 to binary mode of a stranger', async () => {
    const { headers, data } = split();
    expect(await send(data, { headers, signed: () => 'another body' })).toMatchObject(
      unsigned(webhook.source.sourceId),
    );
  });

  test('takes a structured event whose headers repeat it', async () => {
    const { headers } = split();
    const contentType = 'application/cloudevents+json';
    expect(await send(expenseEvent(), { headers, contentType })).toMatchObject(accepted(1));
  });
});

function signedBySvix(body: string, secret: string) {
  const timestamp = nowSeconds();
  return {
    'svix-id': 'msg_1',
    'svix-timestamp': String(timestamp),
    'svix-signature': signatureOf('msg_1', timestamp, body, secret),
  };
}

describe('a webhook whose headers are named by Svix', () => {
  const named = { 'webhook-id': null, 'webhook-timestamp': null, 'webhook-signature': null };

  test('is taken, and refused if its body was changed', async () => {
    const one = JSON.stringify(expenseEvent());
    const headers = signedBySvix(one, webhook.source.secret);
    expect(await send(one, { headers: { ...named, ...headers } })).toMatchObject(accepted(1));
    expect(await send(`${one} `, { headers: { ...named, ...headers } })).toMatchObject(
      unsigned(webhook.source.sourceId),
    );
    const { 'svix-signature': _signature, ...unsignedHeaders } = headers;
    expect(await send(one, { headers: { ...named, ...unsignedHeaders } })).toMatchObject(
      unsigned(webhook.source.sourceId),
    );
  });

  test('is judged by the standard names where both are there', async () => {
    const one = JSON.stringify(expenseEvent());
    const good = signedBySvix(one, webhook.source.secret);
    const headers = { 'svix-id': 'other', 'svix-timestamp': '1', 'svix-signature': 'v1,x' };
    expect(await send(one, { headers })).toMatchObject(accepted(1));
    const wrong = { ...good, 'webhook-signature': 'v1,x' };
    expect(await send(one, { headers: wrong })).toMatchObject(unsigned(webhook.source.sourceId));
  });
});
