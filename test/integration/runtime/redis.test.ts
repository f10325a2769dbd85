import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../src/runtime/clock.ts';
import { done } from '../../../src/runtime/queues/outcome.ts';
import { createLog } from '../../../src/runtime/log.ts';
import { createMetrics } from '../../../src/runtime/metrics.ts';
import { consume } from '../../../src/runtime/queues/consume.ts';
import { Queues } from '../../../src/runtime/queues/enqueue.ts';
import { redisBackend } from '../../../src/runtime/queues/redis.ts';
import { openRedis, pingRedis, type Redis, waitUntilReady } from '../../../src/runtime/redis.ts';
import { PrivateRedis, whyNoServer } from '../../support/servers/redis.ts';
import { scheduledJobs } from '../../../src/runtime/queues/scheduled-jobs.ts';

describe.skipIf(whyNoServer !== null)(`Redis${whyNoServer === null ? '' : ` (${whyNoServer})`}`, () => {
  let redis: PrivateRedis;
  let lines: string[];
  let clients: Redis[];
  let cluster: PrivateRedis | undefined;

  beforeEach(async () => {
    redis = await PrivateRedis.start();
    lines = [];
    clients = [];
    cluster = undefined;
  });

  afterEach(async () => {
    for (const client of clients) client.disconnect();
    await Promise.all([redis.kill(), cluster?.kill()]);
  });

  const log = createLog('info', { write: (line) => void lines.push(line) });

  function open(use: 'caller' | 'worker', url = redis.url): Redis {
    const client = openRedis(url, use, { name: use, log });
    clients.push(client);
    return client;
  }

  const messages = () => lines.map((line) => String(Reflect.get(Object(JSON.parse(line)), 'msg')));

  it('that is away fails a caller at once, and its loss and return are logged once each', async () => {
    const client = open('caller');
    expect(await waitUntilReady(client, 5_000)).toBe(true);
    await redis.kill();
    await vi.waitFor(() => expect(messages()).toHaveLength(1), 5_000);
    const startedAt = performance.now();
    await expect(client.set('key', 'value')).rejects.toThrow(/closed|writeable/);
    await expect(pingRedis(client)).rejects.toThrow('Redis is away');
    expect(await waitUntilReady(client, 1_500)).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(2_500);

    await redis.start();
    expect(await waitUntilReady(client, 10_000)).toBe(true);
    await client.set('key', 'value');
    expect(messages()).toEqual(['Redis is away; trying again until it is back', 'Redis is back']);
  });

  it('that hangs fails a caller after a second, and makes a worker wait until it goes on', async () => {
    const [caller, worker] = [open('caller'), open('worker')];
    await Promise.all([caller, worker].map((client) => waitUntilReady(client, 5_000)));
    redis.signal('SIGSTOP');
    const startedAt = performance.now();
    const answer = worker.ping();
    await expect(caller.ping()).rejects.toThrow('Command timed out');
    expect(performance.now() - startedAt).toBeGreaterThan(900);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    redis.signal('SIGCONT');
    expect(await answer).toBe('PONG');
  });

  it('that is a cluster keeps all keys of a queue in one hash slot, and each queue in another', async () => {
    cluster = await PrivateRedis.start('--cluster-enabled', 'yes');
    const client = open('caller', cluster.url);
    await waitUntilReady(client, 5_000);
    await client.call('CLUSTER', 'ADDSLOTSRANGE', 0, 16383);
    await vi.waitFor(async () => expect(await client.cluster('INFO')).toContain('cluster_state:ok'), 10_000);
    const backend = redisBackend({ url: cluster.url, client, log, prefix: 'test' });
    const queues = new Queues(backend, [scheduledJobs], log);
    const options = { concurrency: 1, clock: systemClock(), log, metrics: createMetrics() };
    let tries = 0;
    const work = async () => {
      tries += 1;
      if (tries === 1) throw new Error('no luck');
      return done();
    };
    const consumer = consume(backend, scheduledJobs, work, options);
    const payload = { job: 'one', slot: '2026-03-01T03:30:00Z' };
    await queues.enqueue(scheduledJobs, [payload]);
    const queue = queues.named(scheduledJobs.name);
    await vi.waitFor(async () => expect(await queue.getCompletedCount()).toBe(1), 10_000);
    await queues.enqueueAgain(scheduledJobs, [payload]);
    await vi.waitFor(() => expect(tries).toBe(3), 10_000);
    const slots = await Promise.all(
      queues.all.map(({ keys }) => client.cluster('KEYSLOT', String(keys['wait']))),
    );
    expect(new Set(slots).size).toBe(slots.length);
    await consumer.close(1_000);
    await queues.close();
    await backend.close();
  });

  it('that refuses the password is logged, and the password is not', async () => {
    const admin = open('caller');
    await waitUntilReady(admin, 5_000);
    await admin.config('SET', 'requirepass', 'the-right-one');
    const url = `redis://:hunter2-secret@127.0.0.1:${redis.port}`;
    const client = open('caller', url);
    const backend = redisBackend({ url, client, log, prefix: 'test' });
    const queues = new Queues(backend, [scheduledJobs], log);
    const consumer = consume(backend, scheduledJobs, async () => done(), {
      concurrency: 1,
      clock: systemClock(),
      log,
      metrics: createMetrics(),
    });
    await vi.waitFor(() => expect(lines.join('')).toContain('WRONGPASS'), 5_000);
    await queues.enqueue(scheduledJobs, [{ job: 'one', slot: '2026-03-01T03:30:00Z' }]);
    await vi.waitFor(() => expect(messages()).toContain('worker error'), 5_000);
    expect(lines.join('')).not.toContain('hunter2');
    await consumer.close(100);
    await queues.close();
    await backend.close();
  });
});
