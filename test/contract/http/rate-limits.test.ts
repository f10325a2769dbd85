/** Tests the rate limits of keys, webhooks and people, in one web process and in several. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { PrivateRedis, whyNoRedis, whyNoServer } from '../../support/servers/redis.ts';
import { type Answer, startService, type TestService } from '../../support/servers/service.ts';
import { expenseEvent, makeSource, postWebhook } from '../../support/servers/webhook.ts';

const events = (count: number) => Array.from({ length: count }, () => expenseEvent());

const secondsOf = ({ headers }: Answer): number => Number(headers.get('retry-after'));
const count = (answers: readonly Answer[], status: number): number =>
  answers.filter((answer) => answer.status === status).length;

/** Makes a key that nothing was posted with yet. */
const freshKey = async (service: TestService): Promise<string> => (await service.anotherTenant()).apiKey;

const rules = '/api/smart-alerts/rules';
const env = { INGEST_RATE_LIMIT: '5', USER_RATE_LIMIT: '3' };

describe('the rate limit of one process', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startService({ roles: ['web'], env });
  });
  afterAll(() => service.stop());

  const post = (body: unknown, key: string) => service.post('/api/events', body, key);

  test('accepts the allowed events a second and refuses the others', async () => {
    const key = await freshKey(service);
    const answers = await Promise.all(events(8).map((each) => post(each, key)));
    expect([count(answers, 202), count(answers, 429)]).toEqual([5, 3]);
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.headers.get('content-type')).toBe('application/problem+json');
    expect(refused?.headers.get('retry-after')).toBe('1');
    expect(refused?.body).toMatchObject({ status: 429, title: 'Too Many Requests', instance: '/api/events' });
  });

  test('counts each event of an array, and accepts none of a refused array', async () => {
    const key = await freshKey(service);
    const arrays = [events(4), events(2)];
    const answers = await Promise.all(arrays.map((each) => post(each, key)));
    expect([count(answers, 202), count(answers, 429)]).toEqual([1, 1]);
    const refused = arrays.filter((_, index) => answers[index]?.status === 429).flat();
    await expect
      .poll(async () => (await post(refused, key)).body, { timeout: 10_000, interval: 300 })
      .toEqual({ accepted: refused.length, duplicates: 0, rejected: [] });
  });

  test('accepts an array above the limit and delays the next events for it', async () => {
    const key = await freshKey(service);
    expect((await post(events(20), key)).status).toBe(202);
    const next = await post(expenseEvent(), key);
    expect(next.status).toBe(429);
    expect(secondsOf(next)).toBeGreaterThanOrEqual(2);
    expect(secondsOf(next)).toBeLessThanOrEqual(4);
    await expect
      .poll(async () => (await post(expenseEvent(), key)).status, { timeout: 10_000, interval: 200 })
      .toBe(202);
  });

  test('is separate for each key', async () => {
    const { apiKey, adminKey } = await service.anotherTenant();
    expect((await post(events(20), apiKey)).status).toBe(202);
    expect((await post(expenseEvent(), apiKey)).status).toBe(429);
    expect((await post(expenseEvent(), adminKey)).status).toBe(202);
  });

  test('is separate for each webhook source', async () => {
    const { tenantId } = service.tenant;
    const source = await makeSource(service, tenantId);
    const other = await makeSource(service, tenantId);
    expect((await postWebhook(service.url, source, events(20))).status).toBe(202);
    const next = await postWebhook(service.url, source, expenseEvent());
    expect(next.status).toBe(429);
    expect(secondsOf(next)).toBeGreaterThanOrEqual(2);
    expect((await postWebhook(service.url, other, expenseEvent())).status).toBe(202);
  });

  test('applies to all calls of a person in a minute together', async () => {
    const token = await service.token('eager');
    const paths = [rules, '/api/smart-alerts/notifications', rules, rules];
    const answers = await Promise.all(paths.map((path) => service.get(path, token)));
    expect([count(answers, 200), count(answers, 429)]).toEqual([3, 1]);
    const refused = await service.post(rules, { budgetAmount: '1' }, token);
    expect(refused.status).toBe(429);
    expect(secondsOf(refused)).toBeGreaterThanOrEqual(1);
    expect(secondsOf(refused)).toBeLessThanOrEqual(60);
  });

  test('is separate for each person of each tenant', async () => {
    const { tenantId } = await service.anotherTenant();
    const tokens = [
      await service.token('same'),
      await service.token('other'),
      await service.token('same', { tenantId }),
    ];
    for (const token of tokens) {
      const answers = await Promise.all([1, 2, 3].map(() => service.get(rules, token)));
      expect(count(answers, 200)).toBe(3);
    }
  });

  test('is documented as 429 for every call that it may refuse', async () => {
    const { body } = await service.get('/openapi.json');
    // openapi.test.ts checks the shape of the document.
    const { paths } = body as {
      paths: Record<string, Record<string, { responses: object; security?: object[] }>>;
    };
    const limited = Object.entries(paths)
      .filter(([path]) => /^\/api\/(?:smart-alerts|webhooks)\/|^\/api\/events$/.test(path))
      .flatMap(([path, calls]) => Object.entries(calls).map(([method, call]) => ({ path, method, ...call })))
      // An unsubscribe link has no caller to count for.
      .filter(({ path, security }) => security?.length !== 0 && !path.includes('/unsubscribe/'));
    expect(limited.length).toBeGreaterThanOrEqual(9);
    expect(limited.filter(({ responses }) => !('429' in responses)).map(({ path }) => path)).toEqual([]);
  });
});

describe('the rate limit of a tenant', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startService({
      roles: ['web'],
      env: { INGEST_RATE_LIMIT: '4', TENANT_INGEST_LIMIT: '5' },
    });
  });
  afterAll(() => service.stop());

  const post = (body: unknown, key: string) => service.post('/api/events', body, key);

  test('counts all keys and webhooks of the tenant together', async () => {
    const { apiKey, adminKey, tenantId } = await service.anotherTenant();
    const source = await makeSource(service, tenantId);
    expect((await post(events(4), apiKey)).status).toBe(202);
    expect((await postWebhook(service.url, source, events(1))).status).toBe(202);
    const refused = await post(expenseEvent(), adminKey);
    expect(refused).toMatchObject({
      status: 429,
      body: { detail: 'At most 5 events a second are taken from one tenant.' },
    });
    expect(refused.headers.get('retry-after')).toBe('1');
    expect((await postWebhook(service.url, source, expenseEvent())).status).toBe(429);
    expect((await post(events(4), await freshKey(service))).status).toBe(202);
  });

  test('leaves out what the limit of a key refuses', async () => {
    const { apiKey, adminKey } = await service.anotherTenant();
    expect((await post(events(4), apiKey)).status).toBe(202);
    const flood = await Promise.all(events(5).map((each) => post(each, apiKey)));
    expect(flood.map(({ body }) => body.detail)).toEqual(
      flood.map(() => 'At most 4 events a second are taken from one sender.'),
    );
    expect((await post(expenseEvent(), adminKey)).status).toBe(202);
    expect((await post(expenseEvent(), adminKey)).status).toBe(429);
  });

  test('costs a key nothing of its own limit when it refuses', async () => {
    const { apiKey, adminKey } = await service.anotherTenant();
    expect((await post(events(4), apiKey)).status).toBe(202);
    const large = await post(events(40), adminKey);
    expect(large.body.detail).toBe('At most 5 events a second are taken from one tenant.');
    // Taken by the key's limit, the refused events would block the key for ten seconds.
    await expect
      .poll(async () => (await post(events(4), adminKey)).status, { timeout: 5_000, interval: 200 })
      .toBe(202);
  });
});

test('a service without configured limits refuses nothing', async () => {
  const service = await startService({ roles: ['web'] });
  try {
    const answers = await Promise.all([1, 2, 3].map(() => service.post('/api/events', events(1000))));
    expect(count(answers, 202)).toBe(3);
  } finally {
    await service.stop();
  }
});

describe.skipIf(whyNoRedis !== null)('the rate limit of several processes', () => {
  test('is shared through Redis', async () => {
    const redisUrl = inject('redisServer') ?? '';
    const one = await startService({ roles: ['web'], env, redisUrl });
    const two = await startService({ roles: ['web'], env, redisUrl, databaseUrl: one.databaseUrl });
    try {
      const answers = await Promise.all(
        events(12).map((each, index) => (index % 2 ? one : two).post('/api/events', each, one.tenant.apiKey)),
      );
      expect(count(answers, 202)).toBe(5);
      expect(answers.filter(({ status }) => status === 429)).toHaveLength(7);
    } finally {
      await two.stop();
      await one.stop();
    }
  });
});

describe.skipIf(whyNoServer !== null)('the rate limit during a Redis outage', () => {
  let redis: PrivateRedis;
  let service: TestService;
  beforeAll(async () => {
    redis = await PrivateRedis.start();
    service = await startService({ roles: ['web'], env, redisUrl: redis.url });
  });
  afterAll(async () => {
    redis.signal('SIGCONT');
    await service.stop();
    await redis.kill();
  });

  const limitHolds = async (): Promise<void> => {
    const key = await freshKey(service);
    expect((await service.post('/api/events', events(20), key)).status).toBe(202);
    expect((await service.post('/api/events', expenseEvent(), key)).status).toBe(429);
  };

  test('is kept by the process itself, with one slow command at most', async () => {
    await limitHolds();
    redis.signal('SIGSTOP');
    const began = performance.now();
    await limitHolds();
    // Only one command waits for its timeout of a second, not each request.
    expect(performance.now() - began).toBeLessThan(2_500);
    await redis.kill();
    const gone = performance.now();
    await limitHolds();
    expect(performance.now() - gone).toBeLessThan(1_000);
  });
});
