/** A restarted demo works off jobs that an earlier process left in the queue, at the time where that one stopped. */
import { randomUUIDv7 } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql as statement } from 'kysely';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { openQueuePrefix, openTenant } from '../../../src/demo/credentials.ts';
import { type DemoService, folderOf, startDemo } from '../../../src/demo/demo-service.ts';
import { generateReplay } from '../../../src/demo/made-up/generator.ts';
import { SteppedClock } from '../../../src/runtime/clock.ts';
import { readConfig } from '../../../src/runtime/config/config.ts';
import { readUnfinished } from '../../../src/demo/sql/read-unfinished.ts';
import { createLog } from '../../../src/runtime/log.ts';
import { openServices } from '../../../src/services.ts';
import { queuesOfFile } from '../../support/servers/queue-settings.ts';
import { plain } from '../../support/worlds/alerts/plain.ts';

const queues = await queuesOfFile();
const replay = generateReplay('2026-10');
const stoppedAt = replay.start.add({ hours: 24 * 12 });
let folder: string;
let demo: DemoService | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spendwatch-stale-'));
  // The demo reads these variables from its environment.
  vi.stubEnv('DATA_DIR', folder);
  vi.stubEnv('REDIS_URL', queues['REDIS_URL']);
  vi.stubEnv('LOG_LEVEL', 'silent');
});

afterEach(() => demo?.stop());

afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

/** Accepts and enqueues an event like a process that ended before its workers began. */
async function acceptAndEnd(): Promise<string> {
  const dataDir = folderOf(replay);
  const config = readConfig({ ...queues, DATA_DIR: dataDir });
  const queuePrefix = await openQueuePrefix(dataDir);
  const clock = new SteppedClock(stoppedAt);
  const services = await openServices(config, { clock, queuePrefix, log: createLog('silent') });
  const { tenantId } = await openTenant(services, replay.tenant);
  const expense = { userId: 'p01', categoryId: 'food', merchant: null, description: null, ...plain };
  const money = { amountMinor: 4210n, currency: 'USD', spentAt: stoppedAt };
  const ids = { tenantId, source: 'api', id: randomUUIDv7(), expenseId: randomUUIDv7() };
  await services.inbox.accept([
    {
      ...ids,
      type: 'expense.created',
      sequence: null,
      replaces: null,
      time: stoppedAt,
      expense: { ...expense, ...money },
    },
  ]);
  const waiting = () => services.queues.named('expense-events').getWaitingCount();
  await vi.waitFor(async () => expect(await waiting()).toBe(1), 10_000);
  await services.close();
  return tenantId;
}

test('an event that waits in the queue of a stopped demo is applied no earlier than it was received', async () => {
  const tenantId = await acceptAndEnd();
  demo = await startDemo(replay, 0, new AbortController().signal);
  const { db } = demo.services;
  const unfinished = () => db.transaction([tenantId], (sql) => readUnfinished(sql, tenantId));
  await vi.waitFor(async () => expect((await unfinished()).batches).toBe(false), 30_000);
  const { rows } = await db.transaction([tenantId], (sql) =>
    statement<{ early: boolean }>`
      select applied_at < received_at as early from event_batches where tenant_id = ${tenantId}`.execute(sql),
  );
  expect(rows).toEqual([{ early: false }]);
  expect(demo.clock.now().toString()).toBe(stoppedAt.toString());
}, 60_000);
