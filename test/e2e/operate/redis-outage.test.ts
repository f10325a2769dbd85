/**
 * Real processes whose Redis loses its data, is killed, hangs or comes back empty. Events are accepted at once, and
 * every committed event is evaluated within a minute after Redis is back.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createLog } from '../../../src/runtime/log.ts';
import { openRedis, type Redis, waitUntilReady } from '../../../src/runtime/redis.ts';
import { ExpenseStream, type Post } from '../../support/worlds/expense-stream.ts';
import { runCommand } from '../../support/servers/command-line.ts';
import { findDatabase, killOutright, ServiceProcess } from '../../support/servers/processes.ts';
import { PrivateRedis, whyNoServer } from '../../support/servers/redis.ts';

/** The documented time until work continues after Redis has lost its data. */
const minuteMs = 60_000;

let dataDir: string;
let settings: Record<string, string>;
let redis: PrivateRedis;
let started: ServiceProcess[];

describe.skipIf(whyNoServer !== null)(`with Redis${whyNoServer === null ? '' : ` (${whyNoServer})`}`, () => {
  beforeEach(async () => {
    started = [];
    redis = await PrivateRedis.start();
    dataDir = await mkdtemp(join(tmpdir(), 'spendwatch-outage-'));
    settings = {
      DATA_DIR: dataDir,
      PORT: '0',
      REDIS_URL: redis.url,
      OPERATOR_USER: 'operator',
      OPERATOR_PASSWORD: 'operator-password',
    };
  });

  afterEach(async () => {
    const database = await findDatabase(dataDir);
    for (const process of started) await killOutright(process, database);
    await redis.kill();
    await rm(dataDir, { recursive: true, force: true });
  });

  test('jobs that Redis loses are enqueued again within a minute', async () => {
    // There is no worker for events, so that their jobs wait.
    const url = await boot('all --one-process', { WORKERS: 'run-job' });
    const { stream, apiKey } = await createTenant();
    const post = await stream.post(url);
    const client = await connect();
    await vi.waitFor(async () => expect(await client.llen(waiting)).toBe(1), 10_000);

    await client.flushall();
    const flushedAt = performance.now();
    expect(await client.llen(waiting)).toBe(0);
    await vi.waitFor(async () => expect(await client.llen(waiting)).toBe(1), minuteMs);
    expect(performance.now() - flushedAt).toBeLessThan(minuteMs);
    client.disconnect();

    await ServiceProcess.start('worker', settings).then((worker) => started.push(worker));
    await expectApplied(url, post, apiKey, 15_000);
  }, 120_000);

  test('events are accepted at once while Redis is away, and applied when it is back', async () => {
    const url = await boot('all --one-process', {});
    const { stream, apiKey } = await createTenant();
    await expectApplied(url, await stream.post(url), apiKey, 10_000);
    expect(await ready(url)).toMatchObject({ status: 'ok', checks: { redis: { ok: true } } });
    expect(await board(url)).toContain('expense-events');

    await redis.kill();
    await vi.waitFor(async () => expect((await ready(url)).checks.redis.ok).toBe(false), 5_000);
    expect(await ready(url)).toMatchObject({
      checks: { database: { ok: true }, redis: { reason: expect.stringContaining('Redis is away') } },
    });
    const postingAt = performance.now();
    const posts: Post[] = [];
    for (let count = 0; count < 20; count += 1) posts.push(await stream.post(url));
    expect(posts.every(({ isAnswered }) => isAnswered)).toBe(true);
    expect(performance.now() - postingAt).toBeLessThan(4_000);

    await redis.start();
    const backAt = performance.now();
    for (const post of posts) await expectApplied(url, post, apiKey, minuteMs);
    expect(performance.now() - backAt).toBeLessThan(minuteMs);
    const lines = started.flatMap((process) => process.linesOf('caller'));
    expect(lines.map(({ msg }) => msg)).toEqual([
      'Redis is away; trying again until it is back',
      'Redis is back',
    ]);
  }, 120_000);

  test('events are accepted at once while Redis hangs with open connections', async () => {
    const url = await boot('all --one-process', {});
    const { stream } = await createTenant();
    redis.signal('SIGSTOP');
    const postingAt = performance.now();
    for (let count = 0; count < 20; count += 1) await stream.post(url);
    expect(performance.now() - postingAt).toBeLessThan(4_000);
    expect(stream.answered()).toHaveLength(20);
    expect(await ready(url)).toMatchObject({ checks: { redis: { ok: false } } });
    redis.signal('SIGCONT');
  }, 120_000);

  test('the service is not ready while Redis may evict jobs, and says which setting to change', async () => {
    const client = await connect();
    await client.config('SET', 'maxmemory-policy', 'allkeys-lru');
    client.disconnect();
    const url = await boot('web', {});
    expect(await ready(url)).toMatchObject({
      status: 'unavailable',
      checks: {
        redis: { ok: false, reason: expect.stringMatching(/allkeys-lru.*set it to noeviction/) },
      },
    });
  }, 60_000);
});

const waiting = '{spendwatch:expense-events}:expense-events:wait';

async function connect(): Promise<Redis> {
  const client = openRedis(redis.url, 'caller', { name: 'test', log: createLog('silent') });
  await waitUntilReady(client, 5_000);
  return client;
}

async function boot(role: string, more: Record<string, string>): Promise<string> {
  const service = await ServiceProcess.start(role, { ...settings, ...more });
  started.push(service);
  return String((await service.logged('started'))['url']);
}

async function createTenant(): Promise<{ stream: ExpenseStream; apiKey: string }> {
  const { apiKey } = await runCommand(settings, 'tenant', 'create', '--name', 'Outage');
  return { stream: new ExpenseStream(String(apiKey), ['p01', 'p02']), apiKey: String(apiKey) };
}

type Readiness = { status: string; checks: { redis: { ok: boolean; reason?: string } } };

async function ready(url: string): Promise<Readiness> {
  // The contract tests check the shape of the answer.
  return (await (await fetch(`${url}/health/ready`)).json()) as Readiness;
}

async function board(url: string): Promise<string> {
  const authorization = `Basic ${Buffer.from('operator:operator-password').toString('base64')}`;
  const response = await fetch(`${url}/admin/queues/api/queues`, { headers: { authorization } });
  return response.text();
}

async function expectApplied(url: string, { events }: Post, apiKey: string, timeout: number): Promise<void> {
  const headers = { authorization: `Bearer ${apiKey}` };
  const readStatus = async (id: string): Promise<unknown> =>
    Reflect.get(Object(await (await fetch(`${url}/api/events/api/${id}`, { headers })).json()), 'status');
  await vi.waitFor(
    async () => {
      const statuses = await Promise.all(events.map(({ id }) => readStatus(id)));
      expect(new Set(statuses)).toEqual(new Set(['applied']));
    },
    { timeout, interval: 100 },
  );
}
