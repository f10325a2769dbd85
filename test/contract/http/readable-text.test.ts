/** Bytes that are not UTF-8, and ids and names that nobody can see, are refused by every route that takes them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startService, type TestService } from '../../support/servers/service.ts';

let service: TestService;
let token: string;
beforeAll(async () => {
  service = await startService();
  token = await service.token('p01');
});
afterAll(() => service.stop());

const rules = '/api/smart-alerts/rules';

const event = (changes: object = {}, data: object = {}) => ({
  id: 'evt_1',
  type: 'expense.created',
  time: '2026-11-10T11:59:00Z',
  data: {
    expenseId: 'exp_1',
    userId: 'u1',
    categoryId: 'food',
    amount: '1.00',
    currency: 'USD',
    spentAt: '2026-11-10T11:59:00Z',
    ...data,
  },
  ...changes,
});

type Security = Record<string, string[]>[];

/** The calls with a JSON body in the OpenAPI document, without signed ones. */
async function listCalls(): Promise<{ method: string; path: string; credential: string }[]> {
  const { paths } = (await service.get('/openapi.json')).body;
  return Object.entries<Record<string, { requestBody?: object; security?: Security }>>(paths).flatMap(
    ([path, operations]) =>
      Object.entries(operations).flatMap(([method, { requestBody, security = [] }]) => {
        const isPerson = security.some((each) => 'userToken' in each);
        const isService = security.some((each) => 'apiKey' in each);
        if (!requestBody || !(isPerson || isService)) return [];
        return [
          { method: method.toUpperCase(), path, credential: isPerson ? token : service.tenant.adminKey },
        ];
      }),
  );
}

test('every call that takes JSON answers 400 to bytes that are not UTF-8, and names the fault', async () => {
  const calls = await listCalls();
  expect(calls.map(({ method, path }) => `${method} ${path}`)).toEqual(
    expect.arrayContaining(['POST /api/events', `POST ${rules}`, 'PUT /api/users/{userId}']),
  );
  for (const { method, path, credential } of calls) {
    const answer = await fetch(service.url + path.replaceAll(/\{\w+\}/g, 'x'), {
      method,
      headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
      body: Buffer.concat([Buffer.from('{"name":"M'), Buffer.from([0xfc]), Buffer.from('ller"}')]),
    });
    expect([method, path, answer.status, await answer.json()]).toMatchObject([
      method,
      path,
      400,
      { detail: 'The body is not well-formed JSON: its bytes are not UTF-8.' },
    ]);
  }
});

test('two names in another encoding do not become one person', async () => {
  for (const letter of [0xfc, 0xf6]) {
    const text = JSON.stringify(event({ id: `evt_${letter}` }, { userId: 'M@ller' }));
    const [head = '', tail = ''] = text.split('@');
    const answer = await fetch(`${service.url}/api/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${service.tenant.apiKey}`, 'content-type': 'application/json' },
      body: Buffer.concat([Buffer.from(head), Buffer.from([letter]), Buffer.from(tail)]),
    });
    expect(answer.status).toBe(400);
  }
});

describe.each([
  ['a blank', ' '],
  ['a no-break space', '\u00a0'],
  ['an ideographic space', '\u3000'],
  ['a zero width space', '\u200b'],
  ['a zero width joiner between blanks', ' \u200d '],
  ['a byte order mark', '\ufeff'],
  ['a word joiner', '\u2060'],
  ['a right-to-left mark', '\u200f'],
  ['a soft hyphen', '\u00ad'],
  ['a Hangul filler', '\u3164'],
  ['an empty braille pattern', '\u2800'],
  ['a variation selector', '\ufe0f'],
  ['a tag character', '\u{e0041}'],
])('%s alone', (_name, nothing) => {
  const invisible = 'one of them visible';

  test.each([
    ['/id', { id: nothing }, {}],
    ['/source', { source: nothing }, {}],
    ['/sequence', { sequence: nothing }, {}],
    ['/data/expenseId', {}, { expenseId: nothing }],
    ['/data/userId', {}, { userId: nothing }],
    ['/data/categoryId', {}, { categoryId: nothing }],
  ])('is refused as %s of an event', async (pointer, changes, data) => {
    const answer = await service.post('/api/events', event(changes, data));
    expect(answer).toMatchObject({
      status: 400,
      body: { errors: [{ pointer, message: expect.stringContaining(invisible) }] },
    });
  });

  test('is refused as an id or a name by every other call', async () => {
    const { adminKey } = service.tenant;
    const id = encodeURIComponent(nothing);
    const answers = await Promise.all([
      service.post('/api/tokens', { userId: nothing }, adminKey),
      service.put('/api/categories/food', { benchmarkKey: nothing }, adminKey),
      service.put('/api/categories/food', { name: nothing }, adminKey),
      service.put('/api/users/u1', { name: nothing }, adminKey),
      service.post(rules, { budgetAmount: '1', categoryId: nothing }, token),
      service.post(rules, { budgetAmount: '1', name: nothing }, token),
    ]);
    for (const { status, body } of answers)
      expect([status, body.errors[0].message]).toEqual([400, expect.stringContaining(invisible)]);
    for (const path of [`/api/users/${id}`, `/api/categories/${id}`])
      expect(await service.put(path, {}, adminKey)).toMatchObject({ status: 404 });
    const stranger = await service.token(nothing);
    expect(await service.get(rules, stranger)).toMatchObject({ status: 401 });
  });
});

test.each(['0', '👩‍👩‍👧', 'مرحبا', 'कि', '\u200bx', ' a ', '\u202eabc'])(
  'the id %j has something visible, and is taken',
  async (id) => {
    expect(await service.post('/api/events', event({ id, source: `of ${id}` }))).toMatchObject({
      status: 202,
    });
  },
);
