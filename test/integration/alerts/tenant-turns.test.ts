/** Tenants take turns in the evaluation: one whose events fill the queue keeps nobody behind them. */
import { randomUUIDv7 } from 'node:crypto';
import { sql as statement } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { storeEvents } from '../../../src/ingest/sql/store-events.ts';
import { startService, type TestService } from '../../support/servers/service.ts';
import { draftOf, incoming } from '../../support/worlds/alerts/batches.ts';
import { createRule } from '../../../src/alerts/rules/create-rule.ts';
import { evaluateAlerts } from '../../../workers/evaluate-alerts.ts';

let service: TestService;
beforeAll(async () => {
  service = await startService({ roles: ['web'] });
});
afterAll(() => service.stop());

/** Stores batches of so many events each. Returns the jobs that their commits enqueue. */
async function store(tenantId: string, sizes: readonly number[]) {
  const { db, clock } = service.services;
  const now = clock.now();
  const expense = { userId: 'u1', categoryId: 'food', amountMinor: 100n, currency: 'USD', spentAt: now };
  const event = () => ({ id: randomUUIDv7(), time: now, expenseId: randomUUIDv7(), expense });
  const jobs: { batchIds: string[]; tenantIds: string[]; events: number }[] = [];
  for (const events of sizes) {
    const batch = Array.from({ length: events }, () => incoming(tenantId, event()));
    const stored = await storeEvents(db, randomUUIDv7(), batch, now);
    jobs.push({ batchIds: [stored.batch?.batchId ?? ''], tenantIds: [tenantId], events });
  }
  return jobs;
}

/** The first has the last turn, which goes by ids. */
async function makeTenants(count: number): Promise<string[]> {
  const made = await Promise.all(Array.from({ length: count }, () => service.anotherTenant()));
  return made.map(({ tenantId }) => tenantId).sort((one, other) => (one < other ? 1 : -1));
}

async function waitingEvents(tenantIds: readonly string[]): Promise<number> {
  const { rows } = await statement<{ events: number }>`
    select coalesce(sum(event_count), 0)::int as events from event_batches
    where tenant_id = any(${tenantIds}::uuid[]) and applied_at is null`.execute(service.sql);
  return rows[0]?.events ?? NaN;
}

/** One worker, whose queue holds these jobs. `run` carries out the next ones. */
function worker(jobs: Awaited<ReturnType<typeof store>>) {
  const { services } = service;
  const handle = evaluateAlerts(services);
  return {
    run: async (count: number) => {
      for (const job of jobs.splice(0, count)) await handle(job, { log: services.log, signal: undefined });
    },
  };
}

test('an overrun is alerted long before the flood of another tenant is through', async () => {
  const { db, clock } = service.services;
  const [flooding = '', other = ''] = await makeTenants(2);
  const { run } = worker(
    await store(
      flooding,
      Array.from({ length: 30 }, () => 100),
    ),
  );
  const person = { tenantId: other, userId: 'u1' };
  await service.get('/api/smart-alerts/rules', await service.token('u1', { tenantId: other }));
  await createRule(db, person, draftOf({ budgetMinor: 100n }), clock.now());
  await store(other, [1]);
  await run(3);
  expect(await waitingEvents([other])).toBe(0);
  const decisions = service.sql
    .selectFrom('alert_decisions')
    .select('outcome')
    .where('tenant_id', '=', other);
  expect((await decisions.execute()).map(({ outcome }) => outcome)).toContain('notified');
  expect(await waitingEvents([flooding])).toBe(2700);
  await run(27);
  expect(await waitingEvents([flooding])).toBe(0);
});

test('each of many tenants gets a turn', async () => {
  const [flooding = '', ...others] = await makeTenants(41);
  const { run } = worker(
    await store(
      flooding,
      Array.from({ length: 10 }, () => 100),
    ),
  );
  for (const tenantId of others) await store(tenantId, [1]);
  await run(1);
  expect(await waitingEvents(others)).toBe(40);
  await run(1);
  expect(await waitingEvents(others)).toBe(24);
  await run(2);
  expect(await waitingEvents(others)).toBe(0);
  await run(6);
  expect(await waitingEvents([flooding])).toBe(0);
});

test('those who flood side by side share the claims, and a single event comes before their second batches', async () => {
  const [first = '', second = '', third = '', small = ''] = await makeTenants(4);
  const { run } = worker(
    await store(
      first,
      Array.from({ length: 12 }, () => 100),
    ),
  );
  for (const tenantId of [second, third])
    await store(
      tenantId,
      Array.from({ length: 12 }, () => 400),
    );
  await store(small, [1]);
  await run(2);
  expect(await waitingEvents([small])).toBe(0);
  // Both have their first batch. One has its second too, as that began below a thousand events.
  const left = [await waitingEvents([second]), await waitingEvents([third])];
  expect(left.toSorted((a, b) => a - b)).toEqual([4000, 4400]);
  await run(10);
  expect(await waitingEvents([first])).toBe(0);
  expect(await waitingEvents([second, third])).toBe(0);
});

test('nobody waits for a change of somebody else’s exchange rates', async () => {
  const [flooding = '', changing = ''] = await makeTenants(2);
  const { run } = worker(
    await store(
      flooding,
      Array.from({ length: 8 }, () => 100),
    ),
  );
  await store(changing, [1]);
  await service.sql.transaction().execute(async (holding) => {
    await statement`select pg_advisory_xact_lock(hashtextextended('fx_rates ' || ${changing}, 0))`.execute(
      holding,
    );
    await run(4);
    expect(await waitingEvents([flooding])).toBe(400);
    expect(await waitingEvents([changing])).toBe(1);
  });
  await run(2);
  expect(await waitingEvents([changing])).toBe(0);
  await run(2);
});
