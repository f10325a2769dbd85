/**
 * Clocks as their operators run them: several processes on one database, one of them killed in the middle of
 * claiming. What fell due runs once, also what fell due while no clock ran. Days pass by moving the offset
 * that processes agree on when they start.
 */
import { sql as statement } from 'kysely';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { schedules } from '../../../jobs/index.ts';
import { freshDatabase, type FreshDatabase } from '../../support/servers/database.ts';
import { killOutright, ServiceProcess } from '../../support/servers/processes.ts';
import { queuesOfFile } from '../../support/servers/queue-settings.ts';

const patience = { timeout: 20_000, interval: 20 };

const queues = await queuesOfFile();
let database: FreshDatabase;
let settings: Record<string, string>;
let begun: ServiceProcess[];

beforeEach(async () => {
  database = await freshDatabase();
  settings = {
    DATABASE_URL: database.url,
    JWT_SECRET: 'a-secret-of-these-tests-of-32-characters',
    ...queues,
  };
  begun = [];
});

afterEach(async () => {
  await Promise.all(begun.map((each) => killOutright(each, [])));
  await database.drop();
});

describe('three clocks and a worker', () => {
  test('run each slot once, though one is killed while it claims, and make up for a time away', async () => {
    settings['CLOCK_START'] = '2026-11-10T12:01:00Z';
    await countRuns();
    const worker = await run('worker');
    const clocks = await Promise.all([run('clock'), run('clock'), run('clock')]);
    await everythingRanUpTo('2026-11-10T12:00:00Z');
    await Promise.all(clocks.map(stop));

    await moveServiceClock({ days: 3 });
    const held = await holdSlot('reconcile-spending', '2026-11-13T03:30:00Z');
    const doomed = await run('clock');
    await claimsWaiting(1);
    const survivors = await Promise.all([run('clock'), run('clock')]);
    await claimsWaiting(3);
    expect((await killOutright(doomed, [])).ending).toEqual({ code: null, signal: 'SIGKILL' });
    await held.letGo();
    // PostgreSQL carries out what the dead one has asked for; nobody is left to ring for it.
    const orphan = { job: 'evaluate-periods', slot: '2026-11-13T12:00:00Z', status: 'queued' };
    await vi.waitFor(async () => expect(await readSlots()).toContainEqual(orphan), patience);

    await moveServiceClock({ minutes: 10 });
    const replacement = await run('clock');
    await everythingRanUpTo('2026-11-13T12:10:00Z');
    await Promise.all([replacement, ...survivors].map(stop));
    await everythingRanUpTo('2026-11-13T12:10:00Z');
    await stop(worker);

    const slots = await readSlots();
    expect(await readRuns()).toEqual(slots.map(({ job, slot }) => ({ job, slot, runs: 1 })));
    expect(new Set(slots.map(({ job }) => job))).toEqual(new Set(schedules.map(({ name }) => name)));
    const slotsOf = (name: string) => slots.filter(({ job }) => job === name).map(({ slot }) => slot);
    expect(slotsOf('reconcile-spending')).toEqual(['2026-11-10T03:30:00Z', '2026-11-13T03:30:00Z']);
    expect(slotsOf('evaluate-periods')).toEqual([
      '2026-11-10T12:00:00Z',
      '2026-11-13T12:00:00Z',
      '2026-11-13T12:10:00Z',
    ]);
  });
});

test('production refuses a database that was given another clock, and takes one that was not', async () => {
  settings['NODE_ENV'] = 'production';
  const welcome = await run('clock');
  await stop(welcome);
  await statement`insert into service_clock (id, offset_ms) values (true, 86400000)`.execute(database.sql);
  const refused = await begin('clock');
  await expect(refused.logged('started')).rejects.toThrow('CLOCK_START');
  expect(await refused.ended).toEqual({ code: 1, signal: null });
});

async function begin(role: string): Promise<ServiceProcess> {
  const service = await ServiceProcess.start(role, settings);
  begun.push(service);
  return service;
}

async function run(role: string): Promise<ServiceProcess> {
  const service = await begin(role);
  await service.logged('started');
  return service;
}

async function stop({ pid, ended }: ServiceProcess): Promise<void> {
  process.kill(pid, 'SIGTERM');
  expect(await ended).toEqual({ code: 0, signal: null });
}

/** For processes started from now on. */
async function moveServiceClock(by: Temporal.DurationLike): Promise<void> {
  const ms = Temporal.Duration.from(by).total('milliseconds');
  await statement`update service_clock set offset_ms = offset_ms + ${ms}`.execute(database.sql);
}

/** Whatever claims this slot waits, with the slots it has claimed before it, until `letGo` takes the row back. */
async function holdSlot(job: string, slot: string): Promise<{ letGo(): Promise<void> }> {
  const holder = new Client({ connectionString: database.url });
  await holder.connect();
  await holder.query('begin');
  await holder.query("insert into job_runs values ($1, $2, 'queued', null, now())", [job, slot]);
  return { letGo: () => holder.end() };
}

/** A clock that comes to its next minute meanwhile waits twice. */
const claimsWaiting = (atLeast: number): Promise<void> =>
  vi.waitFor(async () => {
    const { rows } = await statement`
      select pid from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'
        and query like '%insert into job_runs%'`.execute(database.sql);
    expect(rows.length).toBeGreaterThanOrEqual(atLeast);
  }, patience);

/**
 * Counts how often a run of each slot begins, beside the service. A worker that takes over, or that beats
 * after twenty seconds, would count as well.
 */
async function countRuns(): Promise<void> {
  const sql = statement`
    create table begun_runs (job text, slot timestamptz);
    create function count_run() returns trigger language plpgsql security definer as $$
    begin
      insert into public.begun_runs values (new.job, new.slot);
      return null;
    end $$;
    create trigger count_run after update on job_runs
      for each row when (new.status = 'running') execute function count_run()`;
  await sql.execute(database.sql);
}

type Slot = { job: string; slot: string; status: string };

async function readSlots(): Promise<Slot[]> {
  const { rows } = await statement<Slot>`
    select job, slot, status from job_runs order by job, slot`.execute(database.sql);
  return rows.map((row) => ({ ...row, slot: utc(row.slot) }));
}

async function readRuns(): Promise<{ job: string; slot: string; runs: number }[]> {
  const { rows } = await statement<{ job: string; slot: string; runs: number }>`
    select job, slot, count(*)::int as runs from begun_runs
    group by job, slot order by job, slot`.execute(database.sql);
  return rows.map((row) => ({ ...row, slot: utc(row.slot) }));
}

const utc = (text: string): string => Temporal.Instant.from(text).toString();

/** A clock claims all that is due in one statement, so where this slot is, its others are. */
const everythingRanUpTo = (slot: string): Promise<void> =>
  vi.waitFor(async () => {
    const slots = await readSlots();
    expect(slots).toContainEqual({ job: 'evaluate-periods', slot, status: 'done' });
    expect(slots.filter(({ status }) => status !== 'done')).toEqual([]);
  }, patience);
