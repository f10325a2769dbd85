/**
 * The largest body of each shape of JSON, posted to each route that takes one. None keeps the process from other
 * requests for longer than an honest body of a thousand events does. CPU time of the thread is measured, which is an
 * upper bound of the time that the event loop stands still, and which other work of the machine hardly changes.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildApp } from '../../../src/http/app.ts';
import { RateLimits } from '../../../src/http/rate-limits.ts';
import { startService, type TestService } from '../../support/servers/service.ts';

type Operation = { requestBody?: object };
type Route = { method: 'POST' | 'PUT'; path: string };

let service: TestService;
let app: FastifyInstance;
let credentials: Record<'key' | 'token', string>;
beforeAll(async () => {
  service = await startService({ roles: ['web'], env: { USER_RATE_LIMIT: '1000000' } });
  const { services } = service;
  app = await buildApp({
    ...services,
    caches: null,
    limits: new RateLimits(services),
    whyJobsRest: async () => null,
  });
  await app.ready();
  credentials = { key: service.tenant.adminKey, token: await service.token('u1') };
});
afterAll(async () => {
  await app.close();
  await service.stop();
});

/** The routes with a body, as the API's document names them. */
function routes(): Route[] {
  const { paths = {} } = app.swagger();
  return Object.entries(paths).flatMap(([path, operations]) =>
    (['POST', 'PUT'] as const)
      .filter((method) => (Reflect.get(Object(operations), method.toLowerCase()) as Operation)?.requestBody)
      .map((method) => ({
        method,
        path: path.replaceAll(/\{[^}]+\}/g, '0198c0de-0000-7000-8000-000000000000'),
      })),
  );
}

/** As many of a part as fit into so many bytes. */
const fill = (bytes: number, [start, part, end]: readonly [string, string, string]): string => {
  const count = Math.floor((bytes - start.length - end.length + 1) / (part.length + 1));
  return `${start}${Array.from({ length: count }, () => part).join(',')}${end}`;
};

const fields = [
  'channels',
  'thresholds',
  'rates',
  'quietHours',
  'data',
  'name',
  'userId',
  'keys',
  'timezone',
  'email',
  'snoozeUntil',
  'budgetAmount',
];

/** Bodies of a size, by their shape. */
function* shapes(bytes: number): Iterable<[string, string]> {
  yield ['empty objects', fill(bytes, ['[', '{}', ']'])];
  yield ['numbers', fill(bytes, ['[', '1', ']'])];
  yield ['nested arrays', '['.repeat(bytes)];
  yield ['nested objects', fill(bytes, ['', '{"a":', '']).replaceAll(',', '')];
  yield ['spaces', ' '.repeat(bytes)];
  yield ['one number', '1'.repeat(bytes)];
  yield ['one text', `"${'a'.repeat(bytes - 2)}"`];
  yield ['escapes', `"${String.raw`\u0000`.repeat(Math.floor((bytes - 2) / 6))}"`];
  yield ['backslashes', `"${'\\'.repeat(bytes - 2)}`];
  const unknown = Array.from({ length: Math.floor(bytes / 14) }, (_, number) => `"f${number}":1`).join(',');
  yield ['unknown fields', `{${unknown.slice(0, bytes - 10)}":1}`];
  for (const field of fields) {
    yield [`${field}: texts`, fill(bytes, [`{"${field}":[`, '"sms"', ']}'])];
    yield [`${field}: empty objects`, fill(bytes, [`{"${field}":[`, '{}', ']}'])];
    yield [`${field}: members`, `{"${field}":{${unknown.slice(0, bytes - 40)}":1}}`];
    yield [`${field}: a long text`, `{"${field}":"${'a1:-/.@'.repeat(Math.floor((bytes - 40) / 7))}"}`];
    yield [`${field}: a long number`, `{"${field}":"${'1'.repeat(bytes - 40)}"}`];
  }
}

async function cpuMs({ method, path }: Route, body: string): Promise<{ ms: number; status: number }> {
  const credential = path.startsWith('/api/smart-alerts') ? credentials.token : credentials.key;
  const headers = { authorization: `Bearer ${credential}`, 'content-type': 'application/json' };
  const before = process.threadCpuUsage();
  const { statusCode } = await app.inject({ method, url: path, headers, payload: body });
  const { user, system } = process.threadCpuUsage(before);
  return { ms: (user + system) / 1000, status: statusCode };
}

/** A thousand events whose texts are as long as they may be. */
function honestEvents(): string {
  const now = service.clock.now().toString();
  const text = 'é'.repeat(500);
  const eventOf = (number: number) => ({
    id: `event-${number}`,
    type: 'expense.created',
    time: now,
    data: {
      expenseId: `expense-${number}`,
      userId: 'u1',
      categoryId: 'food',
      merchant: text,
      amount: '1.00',
      currency: 'USD',
      spentAt: now,
      description: text,
    },
  });
  return JSON.stringify(Array.from({ length: 1000 }, (_, number) => eventOf(number)));
}

const events: Route = { method: 'POST', path: '/api/events' };

/** The largest size of the routes that take more than 64 KiB. */
const sizes: Record<string, number> = {
  '/api/events': 5 * 1024 * 1024 - 100,
  '/api/fx-rates': 1024 * 1024 - 100,
};

/** The least of some tries, as collected garbage may fall into any. */
async function leastCpuMs(
  route: Route,
  body: string,
  enough: number,
): Promise<{ ms: number; status: number }> {
  let least = await cpuMs(route, body);
  for (let tries = 0; tries < 4 && least.ms > enough; tries += 1) {
    const again = await cpuMs(route, body);
    if (again.ms < least.ms) least = again;
  }
  return least;
}

test('no body keeps the process longer than a thousand events do', async () => {
  const honest = await cpuMs(events, honestEvents());
  expect(honest.status).toBe(202);
  const found = routes();
  expect(found.length).toBeGreaterThan(10);
  const enough = 2 * honest.ms;
  const slow: object[] = [];
  for (const route of found)
    for (const [shape, body] of shapes(sizes[route.path] ?? 64 * 1024 - 100)) {
      const { ms, status } = await leastCpuMs(route, body, enough);
      if (ms > enough || status >= 500) slow.push({ ...route, shape, ms, status, honestMs: honest.ms });
    }
  expect(slow).toEqual([]);
}, 120_000);

test('a body is refused by its size before it is read, and by its brackets before it is parsed', async () => {
  const rules: Route = { method: 'POST', path: '/api/smart-alerts/rules' };
  expect((await cpuMs(rules, ' '.repeat(64 * 1024 + 1))).status).toBe(413);
  const detailOf = async (payload: string) => {
    const headers = { authorization: `Bearer ${credentials.key}`, 'content-type': 'application/json' };
    const answer = await app.inject({ method: 'POST', url: events.path, headers, payload });
    return { status: answer.statusCode, detail: answer.json<{ detail?: string }>().detail };
  };
  expect(await detailOf(`${'['.repeat(33)}${']'.repeat(33)}`)).toEqual({
    status: 400,
    detail: 'The body is nested deeper than 32 levels.',
  });
  expect(await detailOf(`[${'1,'.repeat(40_000)}1]`)).toEqual({
    status: 400,
    detail: 'The body has more than 40000 brackets and commas.',
  });
  expect(await detailOf(`[${'1'.repeat(1_001)}]`)).toEqual({
    status: 400,
    detail: 'The body has a number of more than 1000 characters.',
  });
  const text = JSON.stringify({ id: `${'[{,'.repeat(20_000)}\\"${'['.repeat(100)}` });
  expect((await detailOf(text)).detail).toBe('The event could not be taken.');
});

test.each([
  ['POST', '/nope'],
  ['PUT', '/api/nope'],
  ['POST', '/api/webhooks/0198c0de-0000-7000-8000-000000000000'],
  ['POST', '/api/events'],
  ['POST', '/api/smart-alerts/rules'],
])('without a credential the body of %s %s is not read', async (method, path) => {
  const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
  const head = `${method} ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n`;
  socket.write(head);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 (?:401|404) /);
  socket.destroy();
});
