/** A replay that starts again after its process died half-way finishes all work that was left. */
import { randomUUIDv7 } from 'node:crypto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { schedules } from '../../../jobs/index.ts';
import { goOn, takeUpClock } from '../../../src/demo/go-on.ts';
import { SteppedClock } from '../../../src/runtime/clock.ts';
import { readUnfinished } from '../../../src/demo/sql/read-unfinished.ts';
import { storeEvents } from '../../../src/ingest/sql/store-events.ts';
import { Scheduler } from '../../../src/operate/scheduler.ts';
import { type OpenedDatabase, openFreshDatabase } from '../../support/servers/opened-database.ts';
import { Person } from '../../support/worlds/person.ts';
import { startsAt, startService, type TestService } from '../../support/servers/service.ts';
import { plain } from '../../support/worlds/alerts/plain.ts';

let database: OpenedDatabase;
let service: TestService;

beforeEach(async () => {
  database = await openFreshDatabase();
});

afterEach(async () => {
  await service.stop();
  await database.drop();
});

/** Leaves the traces of a dead process: a batch not enqueued, a delivery claimed but not recorded, a running job. */
async function interrupt(tenantId: string): Promise<void> {
  const { db, sql } = database;
  const at = Temporal.Instant.from(startsAt);
  const expense = { userId: 'p01', categoryId: 'food', merchant: null, description: null, ...plain };
  const money = { amountMinor: 4210n, currency: 'USD', spentAt: at };
  const ids = { tenantId, source: 'api', id: randomUUIDv7(), expenseId: randomUUIDv7() };
  const event = {
    ...ids,
    type: 'expense.created' as const,
    sequence: null,
    replaces: null,
    time: at,
    expense: { ...expense, ...money },
  };
  await storeEvents(db, randomUUIDv7(), [event], at);
  await sql.updateTable('notification_history').set({ status: 'pending' }).execute();
  await sql.updateTable('notification_deliveries').set({ status: 'sending', changed_at: startsAt }).execute();
  const run = {
    job: 'end-cooldowns',
    slot: startsAt,
    status: 'running',
    outcome: null,
    changed_at: startsAt,
  };
  await sql.insertInto('job_runs').values(run).execute();
}

/** Starts as the demo does, with a clock that stands days before the recorded times. */
async function startAgain(): Promise<SteppedClock> {
  const clock = new SteppedClock('2026-11-07T12:00:00Z');
  service = await startService({ databaseUrl: database.url, clock });
  return clock;
}

async function goOnWith(tenantId: string): Promise<boolean> {
  const { services, clock } = service;
  const jobs = schedules.filter(({ name }) => name !== 'sweep-pending');
  const replayScheduler = new Scheduler({ ...services, jobs });
  await takeUpClock(services.db, clock, tenantId);
  return goOn({ services, clock, replayScheduler, tenant: { tenantId } });
}

const nothing = { batches: false, notifications: false, deliveries: false, jobs: false };
const everything = { batches: true, notifications: true, deliveries: true, jobs: true };

test(
  'a restarted replay finishes the work that was left, at the time where it stopped',
  { timeout: 60_000 },
  async () => {
    service = await startService({ databaseUrl: database.url });
    const { tenantId } = service.tenant;
    const unfinished = () => readUnfinished(database.sql, tenantId);
    const person = await Person.arrives(service);
    await person.budget('100.00');
    await person.spend('120.00');
    await service.stop();
    await interrupt(tenantId);
    expect(await unfinished()).toEqual(everything);

    const clock = await startAgain();
    expect(await goOnWith(tenantId)).toBe(true);
    await vi.waitFor(async () => expect(await unfinished()).toEqual(nothing), { timeout: 30_000 });
    expect(clock.now().since(startsAt).total('minutes')).toBeCloseTo(2);

    expect(await goOnWith(tenantId)).toBe(false);
    expect(clock.now().since(startsAt).total('minutes')).toBeCloseTo(2);
  },
);

test('a replay without any earlier work leaves the clock at its start', async () => {
  const clock = await startAgain();
  expect(await goOnWith(service.tenant.tenantId)).toBe(false);
  expect(clock.now().toString()).toBe('2026-11-07T12:00:00Z');
});

test('a replay does not wait for deliveries that quiet hours defer', async () => {
  service = await startService({ databaseUrl: database.url });
  const { tenantId } = service.tenant;
  const person = await Person.arrives(service);
  await person.budget('100.00');
  await person.spend('120.00');
  const deferred = { status: 'pending', failure_reason: 'quiet_hours' };
  await database.sql.updateTable('notification_history').set({ status: 'pending' }).execute();
  await database.sql.updateTable('notification_deliveries').set(deferred).execute();
  expect(await readUnfinished(database.sql, tenantId)).toEqual(nothing);
  await database.sql.updateTable('notification_deliveries').set({ failure_reason: 'smtp_451' }).execute();
  expect(await readUnfinished(database.sql, tenantId)).toMatchObject({
    notifications: true,
    deliveries: true,
  });
});
