/** Cached answers are up to date after a change through any process, also while Redis is away or hangs. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { readConfig } from '../../../src/runtime/config/config.ts';
import { createTenant } from '../../../src/accounts/tenants.ts';
import { createLog } from '../../../src/runtime/log.ts';
import { roles, start } from '../../../src/processes.ts';
import { openRedis } from '../../../src/runtime/redis.ts';
import { openServices } from '../../../src/services.ts';
import { Person } from '../../support/worlds/person.ts';
import { PrivateRedis, whyNoRedis, whyNoServer } from '../../support/servers/redis.ts';
import { startService, type TestService } from '../../support/servers/service.ts';

const waitOptions = { timeout: 20_000 };
const rules = '/api/smart-alerts/rules';

/** The hits and misses of the rules' cache in one process, from its metrics. */
async function readCacheRequests({ url }: { url: string }): Promise<{ hit: number; miss: number }> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const count = (result: string) => {
    const line = new RegExp(
      `^spendwatch_cache_requests_total\\{cache="rules",result="${result}"\\} (\\d+)`,
      'm',
    );
    return Number(line.exec(text)?.[1] ?? 0);
  };
  return { hit: count('hit'), miss: count('miss') };
}

/** The same secret for all processes, so that each accepts the tokens of the others. */
const env = { JWT_SECRET: 'a-secret-that-all-processes-of-this-test-share' };

/** Two web processes on one database and one Redis. */
async function startTwo(redisUrl: string): Promise<[TestService, TestService]> {
  const one = await startService({ redisUrl, env });
  return [one, await startService({ redisUrl, env, roles: ['web'], databaseUrl: one.databaseUrl })];
}

/** A person of the service with one rule of 100.00 a month for food. */
async function someone(one: TestService, rule: object = {}) {
  const person = await Person.arrives(one);
  const ruleId = await person.budget('100.00', { categoryId: 'food', ...rule });
  const token = await one.token(person.userId);
  const path = `${rules}/${ruleId}`;
  const read = async (service: TestService, from = path) => (await service.get(from, token)).body.data;
  const change = (service: TestService, budgetAmount: string) => service.put(path, { budgetAmount }, token);
  return { person, path, token, read, change };
}

describe.skipIf(whyNoRedis !== null)('two processes on one Redis', () => {
  let one: TestService;
  let two: TestService;
  beforeAll(async () => {
    [one, two] = await startTwo(inject('redisServer') ?? '');
  });
  afterAll(async () => {
    await two.stop();
    await one.stop();
  });

  test('share cached rules and drop them together after a change', async () => {
    const { read, change } = await someone(one);
    const before = await readCacheRequests(two);
    for (let round = 0; round < 20; round += 1) {
      await change(one, `${200 + round}.00`);
      await read(one);
      await read(two);
    }
    const after = await readCacheRequests(two);
    expect(after.hit + after.miss - before.hit - before.miss).toBe(20);
    // A message between the processes sometimes arrives after the read. Without messages no round would be a hit.
    expect(after.hit - before.hit).toBeGreaterThanOrEqual(10);
  });

  test('see at once a change made through the other', async () => {
    const { read, change, path, token } = await someone(one);
    for (let budget = 101; budget < 130; budget += 1) {
      expect((await read(two)).budgetAmount).toBe(`${budget - 1}.00`);
      await change(one, `${budget}.00`);
      const [single, [listed]] = await Promise.all([read(two), read(two, rules)]);
      expect([single.budgetAmount, listed.budgetAmount]).toEqual([`${budget}.00`, `${budget}.00`]);
    }
    await one.delete(path, token);
    expect((await read(two)).isActive).toBe(false);
  });

  test('see at once a rule created through the other, in every list', async () => {
    const { read, token } = await someone(one);
    expect(await read(two, rules)).toHaveLength(1);
    await one.post(rules, { budgetAmount: '5.00', categoryId: 'rent', channels: ['in-app'] }, token);
    expect(await read(two, rules)).toHaveLength(2);
    expect(await read(two, `${rules}?categoryId=rent`)).toMatchObject([{ budgetAmount: '5.00' }]);
    expect(await read(two, `${rules}?limit=1`)).toHaveLength(1);
  });

  test('see at once new spending of a rule', async () => {
    const { read, person } = await someone(one);
    for (const spent of ['10.00', '20.00', '30.00']) {
      await person.spend('10.00');
      expect((await read(two)).spent).toBe(spent);
    }
  });

  test('see at once that a person has moved to another time zone', async () => {
    const { read, person } = await someone(one, { period: 'daily' });
    expect((await read(two)).periodStart).toBe('2026-11-10');
    await one.put(`/api/users/${person.userId}`, { timezone: 'Pacific/Kiritimati' }, one.tenant.adminKey);
    expect((await read(two)).periodStart).toBe('2026-11-11');
  });

  test('answer the same as a process without a cache', async () => {
    const uncached = await startService({ env, roles: ['web'], databaseUrl: one.databaseUrl });
    try {
      const { read, path, token, person } = await someone(one);
      await person.spend('12.34');
      await one.post(rules, { budgetAmount: '7.00', period: 'yearly' }, token);
      await one.delete(path, token);
      for (const from of [rules, `${rules}?limit=1`, `${rules}?categoryId=food`, path])
        expect(await read(one, from)).toEqual(await read(uncached, from));
      expect(await readCacheRequests(uncached)).toEqual({ hit: 0, miss: 0 });
    } finally {
      await uncached.stop();
    }
  });

  test('do not show a cached rule to another person', async () => {
    const { path } = await someone(one);
    const { token } = await someone(one);
    expect((await one.get(path, token)).status).toBe(404);
  });

  test('have the rules of people in the cache from the start', async () => {
    const { read, person } = await someone(one);
    const empty = await PrivateRedis.start();
    const { databaseUrl } = one;
    const late = await startService({ roles: ['web'], env, redisUrl: empty.url, databaseUrl });
    const client = openRedis(empty.url, 'worker', { name: 'test', log: createLog('silent') });
    try {
      await expect
        .poll(() => client.keys(`spendwatch:cache:rules:*${person.userId}`), waitOptions)
        .not.toEqual([]);
      await expect
        .poll(async () => (await client.keys(`*${one.tenant.tenantId}*`)).length, waitOptions)
        .toBeGreaterThan(3);
      await read(late);
      expect(await readCacheRequests(late)).toEqual({ hit: 1, miss: 0 });
    } finally {
      client.disconnect();
      await late.stop();
      await empty.kill();
    }
  });
});

describe.skipIf(whyNoServer !== null)('two processes whose Redis goes away', () => {
  test('answer nothing that is out of date, and without long waits', async () => {
    const redis = await PrivateRedis.start();
    const [one, two] = await startTwo(redis.url);
    try {
      const { read, change } = await someone(one);
      const changesTo = async (budget: string) => {
        await change(one, budget);
        expect((await read(two)).budgetAmount).toBe(budget);
        expect((await read(one)).budgetAmount).toBe(budget);
      };
      await changesTo('110.00');

      await redis.kill();
      const gone = performance.now();
      await changesTo('120.00');
      await changesTo('130.00');
      expect(performance.now() - gone).toBeLessThan(3_000);

      // Redis comes back empty. Then it hangs, and comes back with values from before.
      await redis.start();
      await changesTo('140.00');
      redis.signal('SIGSTOP');
      const hung = performance.now();
      await changesTo('150.00');
      expect(performance.now() - hung).toBeLessThan(8_000);
      redis.signal('SIGCONT');
      await changesTo('160.00');
    } finally {
      redis.signal('SIGCONT');
      await two.stop();
      await one.stop();
      await redis.kill();
    }
  });
});

test('a process alone on an embedded database caches in memory', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'spendwatch-alone-'));
  const config = readConfig({ DATA_DIR: dataDir, PORT: '0', LOG_LEVEL: 'silent' });
  const running = await start(await openServices(config), roles);
  try {
    const url = running.url ?? '';
    const { db, clock, tokens } = running.services;
    const draft = { name: 'Test', timezone: 'UTC', currency: 'USD', benchmarks: 'opt-out' as const };
    const { tenantId } = await createTenant(db, draft, clock.now());
    const signed = await tokens.sign({ tenantId, userId: 'u1', role: 'member', ttlSeconds: 60 });
    const headers = { authorization: `Bearer ${signed?.token}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ budgetAmount: '1.00' });
    await fetch(url + rules, { method: 'POST', headers, body });
    const before = await readCacheRequests({ url });
    for (let times = 0; times < 3; times += 1)
      expect((await fetch(url + rules, { headers })).status).toBe(200);
    const { hit, miss } = await readCacheRequests({ url });
    expect(hit + miss - before.hit - before.miss).toBe(3);
    expect(hit - before.hit).toBeGreaterThanOrEqual(2);
  } finally {
    await running.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
});
