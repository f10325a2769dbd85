/** What an earlier process of the demo was rung for and did not take up is worked off where its time stood. */
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

const queues = await queuesOfFile();
const replay = generateReplay('2026-10');
const stoodAt = replay.start.add({ hours: 24 * 12 });
let folder: string;
let demo: DemoService | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spendwatch-stale-'));
  // The demo reads these from its environment.
  vi.stubEnv('DATA_DIR', folder);
  vi.stubEnv('REDIS_URL', queues['REDIS_URL']);
  vi.stubEnv('LOG_LEVEL', 'silent');
});

afterEach(() => demo?.stop());

afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

/** A process that took an event in, rang for it, and ended before any worker of its own had begun. */
async function takeInAndEnd(): Promise<string> {
  const dataDir = folderOf(replay);
  const config = readConfig({ ...queues, DATA_DIR: dataDir });
  const queuePrefix = await openQueuePrefix(dataDir);
  const clock = new SteppedClock(stoodAt);
  const services = await openServices(config, { clock, queuePrefix, log: createLog('silent') });
  const { tenantId } = await openTenant(services, replay.tenant);
  const expense = { userId: 'p01', categoryId: 'food', merchant: null, description: null };
  const money = { amountMinor: 4210n, currency: 'USD', spentAt: stoodAt };
  const ids = { tenantId, source: 'api', id: randomUUIDv7(), expenseId: randomUUIDv7() };
  await services.inbox.accept([
    { ...ids, type: 'expense.created', time: stoodAt, expense: { ...expense, ...money } },
  ]);
  const waiting = () => services.queues.named('expense-events').getWaitingCount();
  await vi.waitFor(async () => expect(await waiting()).toBe(1), 10_000);
  await services.close();
  return tenantId;
}

test('an event waiting in the queue is applied no earlier than it was taken in', async () => {
  const tenantId = await takeInAndEnd();
  demo = await startDemo(replay, 0, new AbortController().signal);
  const { db } = demo.services;
  const lookFor = () => db.transaction([tenantId], (sql) => readUnfinished(sql, tenantId));
  await vi.waitFor(async () => expect((await lookFor()).batches).toBe(false), 30_000);
  const { rows } = await db.transaction([tenantId], (sql) =>
    statement<{ early: boolean }>`
      select applied_at < received_at as early from event_batches where tenant_id = ${tenantId}`.execute(sql),
  );
  expect(rows).toEqual([{ early: false }]);
  expect(demo.clock.now().toString()).toBe(stoodAt.toString());
}, 60_000);
