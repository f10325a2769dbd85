/** A probe of each queue is added, read back and removed. Readiness and `doctor` ask for it. */
import { randomBytes } from 'node:crypto';
import { sql as statement } from 'kysely';
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest';
import { checkDatabase } from '../../../src/cli/doctor/check-database.ts';
import { checkRedis } from '../../../src/cli/doctor/check-redis.ts';
import { readConfig } from '../../../src/runtime/config/config.ts';
import { createLog } from '../../../src/runtime/log.ts';
import { openRedis, type Redis, waitUntilReady } from '../../../src/runtime/redis.ts';
import { done } from '../../../src/runtime/queues/outcome.ts';
import { freshDatabase } from '../../support/servers/database.ts';
import { ForgetfulPooler } from '../../support/servers/forgetful-pooler.ts';
import { PrivateRedis, testPrefix, whyNoServer } from '../../support/servers/redis.ts';
import { startService, type TestService } from '../../support/servers/service.ts';
import { onEveryStore, payload, scripted, soon } from '../../support/worlds/queue-world.ts';
import { scheduledJobs } from '../../../src/runtime/queues/scheduled-jobs.ts';

onEveryStore((at) => {
  it('give a probe back beside a worker that gets none of it, and keep nothing of it', async () => {
    const { queues, queue, run } = await at.world.join();
    const { calls, work } = scripted(() => done());
    await run(work, 2).ready();
    await Promise.all(Array.from({ length: 10 }, () => queues.probe()));
    await queues.enqueue(scheduledJobs, [payload()]);
    await vi.waitFor(() => expect(calls).toHaveLength(1), soon);
    const states = ['waiting', 'active', 'delayed', 'prioritized', 'failed'] as const;
    const count = async () => Object.values(await queue.getJobCounts(...states));
    // The job itself may still be active.
    await vi.waitFor(async () => expect(await count()).toEqual([0, 0, 0, 0, 0]), soon);
  });

  it('drop a probe that a dead process left behind', async () => {
    const { queue, run } = await at.world.join();
    const { calls, work } = scripted(() => done());
    run(work);
    await queue.add('probe', { probe: 'probe-1' }, { jobId: 'probe-1', removeOnComplete: true });
    await vi.waitFor(async () => expect(await queue.getJob('probe-1')).toBeUndefined(), soon);
    expect(calls).toEqual([]);
  });
});

let service: TestService | undefined;
afterEach(async () => {
  await service?.stop();
  service = undefined;
});

describe.skipIf(whyNoServer !== null)(
  `a server of a cluster${whyNoServer ? ` (${whyNoServer})` : ''}`,
  () => {
    let redis: PrivateRedis;
    let client: Redis;
    beforeEach(async () => {
      redis = await PrivateRedis.start('--cluster-enabled', 'yes', '--cluster-require-full-coverage', 'no');
      client = openRedis(redis.url, 'caller', { name: 'test', log: createLog('silent') });
      await waitUntilReady(client, 5_000);
    });
    afterEach(async () => {
      client.disconnect();
      await redis.kill();
    });

    test('that has no slots is found by readiness and by doctor', async () => {
      service = await startService({ roles: ['web'], redisUrl: redis.url });
      expect(await ready()).toMatchObject({
        status: 503,
        body: {
          status: 'unavailable',
          checks: { redis: { reason: expect.stringContaining('CLUSTERDOWN') } },
        },
      });
      const checks = await checkRedis(readConfig({ REDIS_URL: redis.url }));
      expect(checks.find(({ name }) => name === 'queues')).toMatchObject({
        status: 'fail',
        seen: expect.stringContaining('CLUSTERDOWN'),
      });
    });

    test('that lacks the slot of one queue is not ready for its sake, and is ready once it has it', async () => {
      const queuePrefix = testPrefix();
      const lacking = await client.cluster('KEYSLOT', `{${queuePrefix}:deliveries}`);
      await client.cluster(
        'ADDSLOTS',
        ...Array.from({ length: 16_384 }, (_, slot) => slot).filter((slot) => slot !== lacking),
      );
      await vi.waitFor(async () => expect(await client.cluster('INFO')).toContain('cluster_state:ok'), soon);
      service = await startService({ roles: ['web'], redisUrl: redis.url, queuePrefix });
      const reason = expect.stringMatching(/^the queue deliveries takes no jobs: Redis is a cluster/);
      expect(await ready()).toMatchObject({
        status: 503,
        body: { checks: { redis: { ok: false, reason } } },
      });
      await client.cluster('ADDSLOTS', lacking);
      await vi.waitFor(async () => expect((await ready())?.status).toBe(200), soon);
    });
  },
);

describe('a pooler that drops the start-up parameters', () => {
  test('is found by readiness and by doctor, for the tables and for the queues', async () => {
    const database = await freshDatabase();
    const login = `dropped_${randomBytes(4).toString('hex')}`;
    await statement
      .raw(`create role ${login} login password 'p'; grant spendwatch_service to ${login}`)
      .execute(database.sql);
    const pooler = await ForgetfulPooler.start(database.url);
    const url = new URL(pooler.through(database.url));
    [url.username, url.password] = [login, 'p'];
    try {
      service = await startService({
        roles: ['web'],
        databaseUrl: database.url,
        env: { DATABASE_URL: url.href },
      });
      const dropped = { ok: false, reason: expect.stringContaining('start-up parameter "options"') };
      expect(await ready()).toMatchObject({
        status: 503,
        body: { checks: { database: dropped, queue: dropped } },
      });
      const checks = await checkDatabase(
        url.href,
        readConfig({ DATABASE_URL: url.href, JWT_SECRET: secret }),
      );
      const failed = checks.filter(({ status }) => status === 'fail').map(({ name }) => name);
      expect(failed).toEqual(['database role', 'queues']);
    } finally {
      await service?.stop();
      service = undefined;
      pooler.stop();
      await statement.raw(`drop owned by ${login}; drop role ${login}`).execute(database.sql);
      await database.drop();
    }
  });
});

test('readiness that many callers ask for costs one probe', async () => {
  service = await startService({ roles: ['web'] });
  const probe = vi.spyOn(service.services.queues, 'probe');
  const answers = await Promise.all(Array.from({ length: 50 }, ready));
  expect(answers.map((answer) => answer?.status)).toEqual(Array.from({ length: 50 }, () => 200));
  expect(probe).toHaveBeenCalledTimes(1);
});

const ready = async () => service?.get('/health/ready');
const secret = 'a-secret-of-these-tests-of-32-characters';
