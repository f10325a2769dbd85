import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startService, type TestService } from '../../support/servers/service.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const soon = { timeout: 20_000 };

let made = 0;
const event = (changes: object = {}, data: object = {}) => ({
  id: `evt_${(made += 1)}`,
  source: 'cards',
  type: 'expense.created',
  time: '2026-11-10T11:59:00Z',
  data: {
    expenseId: `exp_${made}`,
    userId: 'u1',
    categoryId: 'groceries',
    amount: '42.10',
    currency: 'USD',
    spentAt: '2026-11-10T11:58:00Z',
    ...data,
  },
  ...changes,
});

const post = (body: unknown) => service.post('/api/events', body);
const bad = (changes: object = {}) => event(changes, { amount: '1.234' });
const result = (accepted: number, duplicates = 0, rejected: unknown[] = []) => ({
  status: 202,
  body: { accepted, duplicates, rejected },
});

describe('POST /api/events', () => {
  test('accepts one event, and counts it as a duplicate when it is repeated', async () => {
    const one = event();
    expect(await post(one)).toMatchObject(result(1));
    expect(await post(one)).toMatchObject(result(0, 1));
    expect(await post([one])).toMatchObject(result(0, 1));
  });

  test('counts an event with another spelling of the same values as a duplicate', async () => {
    const one = event({}, { amount: '42.1' });
    await post(one);
    const again = { ...one, time: '2026-11-10T13:59:00+02:00', data: { ...one.data, amount: '42.10' } };
    expect(await post(again)).toMatchObject(result(0, 1));
  });

  test('answers 409 to a known id with another body', async () => {
    const one = event();
    await post(one);
    const other = { ...one, data: { ...one.data, amount: '1' } };
    const answer = await post(other);
    expect(answer).toMatchObject({ status: 409, body: { status: 409, title: 'Conflict' } });
    expect(answer.body.errors).toMatchObject([{ pointer: '/id' }]);
    expect(await post([other, event()])).toMatchObject({
      status: 202,
      body: { accepted: 1, rejected: [{ index: 0, id: one.id, code: 'id_reused', pointer: '/0/id' }] },
    });
    expect(await post([other])).toMatchObject({
      status: 400,
      body: { rejected: [{ index: 0, id: one.id, code: 'id_reused' }], errors: [{ pointer: '/0/id' }] },
    });
  });

  test('treats the same id from another source as another event', async () => {
    const one = event();
    expect(await post([one, { ...one, source: 'bank' }])).toMatchObject(result(2));
  });

  test('counts a repeat within one request as a duplicate', async () => {
    const one = event();
    expect(await post([one, one])).toMatchObject(result(1, 1));
  });

  test('accepts the valid events of an array that holds invalid ones', async () => {
    const [first, second, third] = [bad(), event(), { ...event(), type: 'x' }];
    const answer = await post([first, second, third, 'no event', event()]);
    expect(answer.status).toBe(202);
    expect(answer.body).toEqual({
      accepted: 2,
      duplicates: 0,
      rejected: [
        {
          index: 0,
          id: first.id,
          code: 'invalid',
          message: 'must have at most 2 decimals in USD',
          pointer: '/0/data/amount',
        },
        {
          index: 2,
          id: third.id,
          code: 'invalid',
          message: 'must be one of expense.created, expense.updated, expense.deleted',
          pointer: '/2/type',
        },
        { index: 3, id: null, code: 'invalid', message: 'must be an object', pointer: '/3' },
      ],
    });
  });

  test('rejects an event with __proto__ and accepts the others', async () => {
    const poisoned = JSON.stringify(event()).replace('"data":{', '"data":{"__proto__":{"isAdmin":true},');
    const answer = await post(`[${poisoned},${JSON.stringify(event())}]`);
    expect(answer).toMatchObject({ status: 202, body: { accepted: 1 } });
    expect(answer.body.rejected).toMatchObject([{ index: 0, pointer: '/0/data/__proto__' }]);
  });

  test('answers 400 with every wrong value of a single event', async () => {
    const answer = await post(event({ time: 'x' }, { amount: '1.234', shop: 1 }));
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.body).toMatchObject({ type: 'about:blank', title: 'Bad Request', status: 400 });
    expect(answer.body.instance).toBe('/api/events');
    expect(answer.body.errors.map((error: { pointer: string }) => error.pointer)).toEqual([
      '/time',
      '/data/amount',
      '/data/shop',
    ]);
  });

  test('answers 400 if every event of an array is rejected', async () => {
    const answer = await post([bad(), { ...bad(), id: '' }]);
    expect(answer).toMatchObject({
      status: 400,
      body: {
        rejected: [
          { index: 0, code: 'invalid', pointer: '/0/data/amount' },
          { index: 1, id: null, code: 'invalid', pointer: '/1/id' },
        ],
        errors: [{ pointer: '/0/data/amount' }, { pointer: '/1/id' }, { pointer: '/1/data/amount' }],
      },
    });
  });

  test.each([
    ['an empty array', [], 'The body must hold at least one event.'],
    ['null', 'null', 'The body is empty.'],
    ['a number', '1', 'The event could not be taken.'],
    ['a string', '"event"', 'The event could not be taken.'],
    ['an empty body', '', 'The body is empty.'],
    [
      'more than 1,000 events',
      Array.from({ length: 1001 }, () => ({})),
      'The body must hold at most 1000 events.',
    ],
  ])('answers 400 to %s', async (_name, body, detail) => {
    const answer = await post(body);
    expect(answer).toMatchObject({ status: 400, body: { status: 400, detail, errors: [{ pointer: '' }] } });
  });

  test('accepts 1,000 events at once', async () => {
    const many = Array.from({ length: 1000 }, () => event({}, { userId: 'many' }));
    expect(await post(many)).toMatchObject(result(1000));
  });

  const postAs = async (mediaType: string, body: unknown) => {
    const headers = { authorization: `Bearer ${service.tenant.apiKey}`, 'content-type': mediaType };
    const answer = await fetch(`${service.url}/api/events`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: await answer.json() };
  };

  test.each([
    ['application/json', () => event()],
    ['application/json', () => [event()]],
    ['Application/CloudEvents+JSON', () => event({ specversion: '1.0', subject: 's', dataschema: '/s' })],
    ['application/cloudevents-batch+json; charset=utf-8', () => [event(), event()]],
  ])('accepts the media type %s', async (mediaType, body) => {
    expect(await postAs(mediaType, body())).toMatchObject({ status: 202, body: { rejected: [] } });
  });

  test.each([
    ['application/cloudevents+json; charset=utf-8', () => [event()], 'must be one event'],
    ['application/cloudevents-batch+json', () => event(), 'must be an array of events'],
    ['application/cloudevents-batch+json', () => null, 'must be an array of events'],
  ])('answers 400 to a body that does not match the media type %s', async (mediaType, body, message) => {
    expect(await postAs(mediaType, body())).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '', message: expect.stringContaining(message) }] },
    });
  });

  test('counts events by result in the metrics', async () => {
    const count = async (outcome: string) => {
      const { body } = await service.get('/metrics');
      return Number(
        new RegExp(`spendwatch_events_total\\{result="${outcome}"\\} (\\d+)`).exec(body)?.[1] ?? 0,
      );
    };
    const one = event();
    const before = await Promise.all(['accepted', 'duplicate', 'invalid'].map(count));
    await post([one, one, bad()]);
    const after = await Promise.all(['accepted', 'duplicate', 'invalid'].map(count));
    expect(after.map((value, index) => value - (before[index] ?? 0))).toEqual([1, 1, 1]);
  });
});

describe('GET /api/events/:source/:id', () => {
  const read = (source: string, id: string, key = service.tenant.apiKey) =>
    service.get(`/api/events/${encodeURIComponent(source)}/${encodeURIComponent(id)}`, key);

  test('shows when an event was applied', async () => {
    const one = event({ source: 'a/b ü', id: 'x%2F😀'.repeat(16) });
    await post(one);
    await expect.poll(async () => (await read(one.source, one.id)).body.status, soon).toBe('applied');
    const { body } = await read(one.source, one.id, service.tenant.adminKey);
    expect(body).toEqual({ status: 'applied', appliedAt: '2026-11-10T12:00:00Z' });
  });

  test('shows that an event is pending', async () => {
    const idle = await startService({ roles: ['web'] });
    try {
      await idle.post('/api/events', event({ id: 'waiting' }));
      const answer = await idle.get('/api/events/cards/waiting', idle.tenant.apiKey);
      expect(answer).toMatchObject({ status: 200, body: { status: 'pending' } });
    } finally {
      await idle.stop();
    }
  });

  test('answers 404 to an unknown event and to another tenant’s', async () => {
    const one = event();
    await post(one);
    const other = await service.anotherTenant();
    expect((await read('cards', 'never')).status).toBe(404);
    expect((await read('cards', one.id, other.apiKey)).status).toBe(404);
    expect((await read('cards', 'a\u0000')).status).toBe(404);
    expect((await read('cards', 'x'.repeat(129))).status).toBe(404);
    expect((await read('cards', 'x'.repeat(5000))).status).toBe(414);
  });
});
