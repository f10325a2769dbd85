/** Erasure beside evaluations, plans and deliveries, and after crashes. */
import { randomUUID } from 'node:crypto';
import { sql as statement } from 'kysely';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { runJobNow } from '../../../jobs/index.ts';
import { storeEvents } from '../../../src/ingest/sql/store-events.ts';
import { commandLine } from '../../../src/accounts/audit-record.ts';
import { erasePerson } from '../../../src/privacy/erase-person.ts';
import { evaluateBatches } from '../../../src/alerts/evaluate/evaluate-batches.ts';
import { startService, type TestService } from '../../support/servers/service.ts';
import { ServiceProcess, signal } from '../../support/servers/processes.ts';
import { findInTables } from '../../support/worlds/traces.ts';
import { whileLocked } from '../../support/worlds/while-locked.ts';
import { plain } from '../../support/worlds/alerts/plain.ts';

let service: TestService;
beforeAll(async () => {
  // Without workers: the tests evaluate batches themselves.
  service = await startService({ roles: ['web'] });
});
afterAll(() => service.stop());

const asker = { actor: commandLine };
const erase = (userId: string) =>
  erasePerson(service.services, { tenantId: service.tenant.tenantId, userId }, asker);

const expense = (userId: string, amountMinor = 9_000n) => ({
  userId,
  categoryId: 'food',
  merchant: null,
  description: null,
  ...plain,
  amountMinor,
  currency: 'USD',
  spentAt: service.clock.now(),
});

/** Stores events without evaluating them, and returns their batch. */
async function stored(userIds: readonly string[], receivedAt = service.clock.now()) {
  const { tenantId } = service.tenant;
  const events = userIds.map((userId) => {
    const id = randomUUID();
    const type = 'expense.created' as const;
    const time = service.clock.now();
    const expenseId = `exp-${id}`;
    return {
      tenantId,
      source: 'api',
      id,
      type,
      time,
      sequence: null,
      replaces: null,
      expenseId,
      expense: expense(userId),
    };
  });
  const { batch } = await storeEvents(service.services.db, randomUUID(), events, receivedAt);
  return { ids: events.map(({ id }) => id), batchIds: [batch?.batchId ?? ''], tenantIds: [tenantId] };
}

const evaluated = ({ batchIds, tenantIds }: { batchIds: string[]; tenantIds: string[] }) => {
  const { db, hashPerson } = service.services;
  return evaluateBatches(db, { batchIds, tenantIds }, service.clock.now(), hashPerson);
};

async function arrives(): Promise<string> {
  const userId = `person-${randomUUID()}`;
  const rule = { budgetAmount: '100.00', channels: ['in-app'] };
  expect((await service.post('/api/smart-alerts/rules', rule, await service.token(userId))).status).toBe(201);
  return userId;
}

const statusOf = async (id: string) =>
  (await service.get(`/api/events/api/${id}`, service.tenant.apiKey)).status;

describe('an event that was received before its person was erased', () => {
  test('is deleted although it was not applied, and its neighbours are applied', async () => {
    const [gone, stays] = [await arrives(), await arrives()];
    const batch = await stored([gone, stays]);
    service.clock.advance({ seconds: 1 });
    expect(await erase(gone)).toMatchObject({ users: 1, events: 1 });
    await evaluated(batch);
    expect(await Promise.all(batch.ids.map(statusOf))).toEqual([404, 200]);
    expect(await findInTables(service.sql, [gone])).toEqual([]);
  });

  test('is dropped if it is committed only after that, and registers nobody', async () => {
    const [gone, stays] = [await arrives(), await arrives()];
    const receivedAt = service.clock.now();
    service.clock.advance({ seconds: 1 });
    await erase(gone);
    const batch = await stored([gone, stays], receivedAt);
    await evaluated(batch);
    expect(await Promise.all(batch.ids.map(statusOf))).toEqual([404, 200]);
    expect(await findInTables(service.sql, [gone])).toEqual([]);
  });

  test('is dropped beside one received later, which registers an unknown person', async () => {
    const userId = await arrives();
    const receivedAt = service.clock.now();
    service.clock.advance({ seconds: 1 });
    await erase(userId);
    const before = await stored([userId], receivedAt);
    service.clock.advance({ seconds: 1 });
    const after = await stored([userId]);
    await evaluated({ ...before, batchIds: [...before.batchIds, ...after.batchIds] });
    expect([await statusOf(before.ids[0] ?? ''), await statusOf(after.ids[0] ?? '')]).toEqual([404, 200]);
    const { rows } = await statement`select 1 from expenses where user_id = ${userId}`.execute(service.sql);
    expect(rows).toHaveLength(1);
  });
});

test('an evaluation and an erasure of one person leave nothing, whichever is first', async () => {
  for (let round = 0; round < 4; round += 1) {
    const userId = await arrives();
    const batch = await stored([userId]);
    service.clock.advance({ seconds: 1 });
    const works = [() => evaluated(batch), () => erase(userId)];
    const person = { tenantId: service.tenant.tenantId, userId };
    await whileLocked<unknown>(service.sql, person, round % 2 ? works : works.toReversed());
    expect(await findInTables(service.sql, [userId])).toEqual([]);
  }
});

test('of two erasures of one person one deletes, and the other finds nobody', async () => {
  const userId = await arrives();
  const person = { tenantId: service.tenant.tenantId, userId };
  const both = await whileLocked(service.sql, person, [() => erase(userId), () => erase(userId)]);
  expect(both.filter((each) => each === null)).toHaveLength(1);
});

/** More than a portion of expenses, with their sums. */
async function livesLong(): Promise<string> {
  const userId = await arrives();
  const { tenantId } = service.tenant;
  await statement`
    insert into expenses (tenant_id, id, event_time, event_id, event_source, user_id, category_id, amount_minor,
      currency, spent_at, day)
    select ${tenantId}, ${userId} || n, now(), n, 'api', ${userId}, 'food', 100, 'USD', now(), date '2026-01-01' + n % 300
    from generate_series(1, 35000) n`.execute(service.sql);
  await statement`
    insert into daily_spend (tenant_id, user_id, day, category_id, currency, amount_minor, expense_count)
    select tenant_id, user_id, day, category_id, currency, sum(amount_minor), count(*)
    from expenses where user_id = ${userId} group by 1, 2, 3, 4, 5`.execute(service.sql);
  return userId;
}

describe('the erasure of somebody with very many rows', () => {
  test('goes in portions and leaves nothing', async () => {
    const userId = await livesLong();
    expect(await erase(userId)).toMatchObject({ users: 1, expenses: 35_000 });
    expect(await findInTables(service.sql, [userId])).toEqual([]);
  });

  test('that is killed in the middle is finished by the sweep, and nobody is told meanwhile', async () => {
    const userId = await livesLong();
    const { tenantId, adminKey } = service.tenant;
    await service.put(`/api/users/${userId}`, { email: 'kept@example.com' }, adminKey);
    const token = await service.token(userId);
    const settings = { DATABASE_URL: service.databaseUrl, DATA_DIR: service.services.config.dataDir };
    // Another transaction holds an expense of the last portion, so that the command waits in the middle.
    const holding = Promise.withResolvers<void>();
    const held = service.sql.transaction().execute(async (sql) => {
      await statement`
        select from expenses where user_id = ${userId} order by day desc limit 1 for update`.execute(sql);
      await holding.promise;
    });
    const command = await ServiceProcess.start(`user erase --tenant ${tenantId} --user ${userId}`, settings, {
      program: 'src/cli/spendwatch.js',
    });
    const left = async () => {
      const { rows } = await statement<{ left: number }>`
        select count(*)::int as left from expenses where user_id = ${userId}`.execute(service.sql);
      return rows[0]?.left ?? -1;
    };
    await vi.waitFor(async () => expect(await left()).toBeLessThan(35_000), { timeout: 20_000 });
    signal(command.pid, 'SIGKILL');
    await command.ended;
    holding.resolve();
    await held;
    expect(await left()).toBeGreaterThan(0);
    expect((await service.get(`/api/users/${userId}`, adminKey)).body).toMatchObject({ email: null });
    const path = '/api/smart-alerts/rules';
    const isRefused = async () => expect((await service.get(path, token)).status).toBe(401);
    await vi.waitFor(isRefused, { timeout: 10_000, interval: 50 });
    // The command had the machine's clock.
    service.clock.moveTo(Temporal.Now.instant().add({ minutes: 2 }));
    await runJobNow(service.services, 'sweep-pending', service.clock.now());
    expect(await findInTables(service.sql, [userId])).toEqual([]);
  });
});
