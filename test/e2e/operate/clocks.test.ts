/**
 * Clocks as operators run them: several processes on one database, one of them killed while it claims. Every due slot
 * runs once, also if it fell due while no clock ran. Days pass by moving the offset that processes read at their start.
 */
import { sql as statement } from 'kysely';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { schedules } from '../../../jobs/index.ts';
import { freshDatabase, type FreshDatabase } from '../../support/servers/database.ts';
import { killOutright, ServiceProcess } from '../../support/servers/processes.ts';
import { queuesOfFile } from '../../support/servers/queue-settings.ts';

const waitOptions = { timeout: 20_000, interval: 20 };

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
  test('run each slot once although one clock is killed while it claims, and catch up after a pause', async () => {
    settings['CLOCK_START'] = '2026-11-10T12:01:00Z';
    await countRuns();
    const worker = await run('worker');
    const clocks = await Promise.all([run('clock'), run('clock'), run('clock')]);
    await everythingRanUpTo('2026-11-10T12:00:00Z');
    await Promise.all(clocks.map(stop));

    await moveServiceClock({ days: 3 });
    const blocked = await blockSlot('reconcile-spending', '2026-11-13T03:30:00Z');
    const doomed = await run('clock');
    await claimsWaiting(1);
    const survivors = await Promise.all([run('clock'), run('clock')]);
    await claimsWaiting(3);
    expect((await killOutright(doomed, [])).ending).toEqual({ code: null, signal: 'SIGKILL' });
    await blocked.unblock();
    // PostgreSQL finishes the claim of the dead clock, and no process is left to enqueue it.
    const orphan = { job: 'evaluate-periods', slot: '2026-11-13T12:00:00Z', status: 'queued' };
    await vi.waitFor(async () => expect(await readSlots()).toContainEqual(orphan), waitOptions);

    await moveServiceClock({ minutes: 10 });
    const replacement = await run('clock');
    await everythingRanUpTo('2026-11-13T12:10:00Z');
    await Promise.all([replacement, ...survivors].map(stop));
    await everythingRanUpTo('2026-11-13T12:10:00Z');
    await stop(worker);

    const slots = await readSlots();
    // Two slots of a job that come to the worker together do not run side by side: the second is skipped.
    const ran = slots.filter(({ status }) => status === 'done');
    expect(await readRuns()).toEqual(ran.map(({ job, slot }) => ({ job, slot, runs: 1 })));
    for (const { name } of schedules) expect(ran.map(({ job }) => job)).toContain(name);
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

test('production refuses a database whose clock was moved, and accepts any other', async () => {
  settings['NODE_ENV'] = 'production';
  const accepted = await run('clock');
  await stop(accepted);
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

/** Moves the clock of processes that start from now on. */
async function moveServiceClock(by: Temporal.DurationLike): Promise<void> {
  const ms = Temporal.Duration.from(by).total('milliseconds');
  await statement`update service_clock set offset_ms = offset_ms + ${ms}`.execute(database.sql);
}

/** Makes the claim of this slot wait, with the claims before it, until `unblock` rolls the row back. */
async function blockSlot(job: string, slot: string): Promise<{ unblock(): Promise<void> }> {
  const holder = new Client({ connectionString: database.url });
  await holder.connect();
  await holder.query('begin');
  await holder.query("insert into job_runs values ($1, $2, 'queued', null, now())", [job, slot]);
  return { unblock: () => holder.end() };
}

/** At least, because a clock that reaches its next minute meanwhile waits twice. */
const claimsWaiting = (atLeast: number): Promise<void> =>
  vi.waitFor(async () => {
    const { rows } = await statement`
      select pid from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'
        and query like '%insert into job_runs%'`.execute(database.sql);
    expect(rows.length).toBeGreaterThanOrEqual(atLeast);
  }, waitOptions);

/**
 * Counts by a trigger how often a run of each slot begins. A takeover, or a run kept alive after twenty seconds, would
 * count too.
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

/** Waits for this slot. A clock claims all due slots in one statement, so the others are there with it. */
const everythingRanUpTo = (slot: string): Promise<void> =>
  vi.waitFor(async () => {
    const slots = await readSlots();
    expect(slots.map((each) => `${each.job} ${each.slot}`)).toContain(`evaluate-periods ${slot}`);
    expect(slots.filter(({ status }) => status === 'queued' || status === 'running')).toEqual([]);
  }, waitOptions);
