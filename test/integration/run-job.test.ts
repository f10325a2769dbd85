import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Clock, SteppedClock } from '../../src/clock.ts';
import { scheduledJobs } from '../../src/contracts/index.ts';
import { dead, done, type Outcome } from '../../src/contracts/outcome.ts';
import { serviceRole } from '../../src/db/admit-service.ts';
import type { Database } from '../../src/db/database.ts';
import { beginRun, keepRunAlive } from '../../src/db/queries/begin-run.ts';
import { finishRun } from '../../src/db/queries/finish-run.ts';
import { listRuns } from '../../src/db/queries/list-runs.ts';
import { createLog } from '../../src/log.ts';
import { createMetrics } from '../../src/metrics.ts';
import { consume } from '../../src/queue/consume.ts';
import { postgresBackend } from '../../src/queue/postgres.ts';
import { Queues } from '../../src/queue/queues.ts';
import { Scheduler } from '../../src/scheduler.ts';
import { type RunDependencies, runJob } from '../../workers/run-job.ts';
import { Bell } from '../support/bell.ts';
import { type OpenedDatabase, openFreshDatabase } from '../support/opened-database.ts';

const at = (text: string) => Temporal.Instant.from(text);
const silent = createLog('silent');

let database: OpenedDatabase;
let db: Database;

beforeEach(async () => {
  database = await openFreshDatabase();
  ({ db } = database);
});

afterEach(() => database.drop());

describe('a run whose worker died', () => {
  const job = { name: 'nightly', cron: '30 3 * * *', catchUp: 1 };
  const run = { job: 'nightly', slot: at('2026-03-01T03:30:00Z') };
  const payload = { job: run.job, slot: run.slot.toString() };
  const context = { log: silent, signal: undefined };

  it('is rung for again after 40 seconds and taken over, once', async () => {
    const clock = new SteppedClock('2026-03-01T03:30:05Z');
    const bell = new Bell();
    const scheduler = new Scheduler({ db, queues: bell, clock, log: silent, jobs: [job] });
    let runs = 0;
    const work = runJob(dependencies(clock, async () => done(`run ${(runs += 1)}`)));
    await scheduler.tick();
    expect(await beginRun(db.sql, run, clock.now())).toEqual({ kind: 'begun' });

    clock.advance({ seconds: 39 });
    await scheduler.tick();
    expect(bell.rungAgain).toEqual([]);
    const until = at('2026-03-01T03:30:45Z');
    expect(await work(payload, context)).toEqual({
      kind: 'later',
      at: until,
      reason: 'another worker has it',
    });

    clock.advance({ seconds: 1 });
    await scheduler.tick();
    expect(bell.rungAgain).toEqual(['nightly 2026-03-01T03:30:00Z']);
    const outcomes = await Promise.all([work(payload, context), work(payload, context)]);
    expect(outcomes.map(({ kind }) => kind)).toContain('done');
    expect(runs).toBe(1);
    expect(await work(payload, context)).toEqual({ kind: 'skip', reason: 'already ran' });
    expect(await listRuns(db.sql)).toEqual([
      { ...run, status: 'done', outcome: 'run 1', changedAt: clock.now() },
    ]);

    clock.advance({ minutes: 10 });
    await scheduler.tick();
    expect(bell.rungAgain).toHaveLength(1);
  });

  it('is left to its worker for as long as that says it is alive', async () => {
    const clock = new SteppedClock('2026-03-01T03:30:05Z');
    const bell = new Bell();
    const scheduler = new Scheduler({ db, queues: bell, clock, log: silent, jobs: [job] });
    await scheduler.tick();
    await beginRun(db.sql, run, clock.now());
    for (let beat = 0; beat < 5; beat += 1) {
      await keepRunAlive(db.sql, run, clock.advance({ seconds: 39 }));
      await scheduler.tick();
    }
    expect(bell.rungAgain).toEqual([]);
    expect(await beginRun(db.sql, run, clock.now())).toMatchObject({ kind: 'busy' });
  });

  it('is rung for again too where it was claimed and the clock died before it rang', async () => {
    const clock = new SteppedClock('2026-03-01T03:30:05Z');
    const lost = new Bell();
    await new Scheduler({ db, queues: lost, clock, log: silent, jobs: [job] }).tick();
    const bell = new Bell();
    const other = new Scheduler({ db, queues: bell, clock, log: silent, jobs: [job] });
    clock.advance({ seconds: 19 });
    await other.tick();
    expect(bell.rungAgain).toEqual([]);
    clock.advance({ seconds: 1 });
    expect(await other.tick()).toBe(0);
    expect(bell.rungAgain).toEqual(['nightly 2026-03-01T03:30:00Z']);
  });
});

describe('the record of a run', () => {
  const run = { job: 'nightly', slot: at('2026-03-01T03:30:00Z') };
  const payload = { job: run.job, slot: run.slot.toString() };
  const fails = async (): Promise<Outcome> => {
    throw new Error('no luck');
  };

  it.each([
    { why: 'done', work: async () => done('3 rebuilt'), status: 'done', outcome: '3 rebuilt' },
    { why: 'hopeless', work: async () => dead('never'), status: 'failed', outcome: 'never' },
    { why: 'to be tried again', work: fails, status: 'queued', outcome: 'Error: no luck' },
    {
      why: 'tried for the last time',
      work: fails,
      isLast: true,
      status: 'failed',
      outcome: 'Error: no luck',
    },
  ])('says $why', async ({ work, isLast, status, outcome }) => {
    const clock = new SteppedClock('2026-03-01T03:30:05Z');
    const jobs = [{ name: 'nightly', cron: '30 3 * * *', catchUp: 1 }];
    await new Scheduler({ db, queues: new Bell(), clock, log: silent, jobs }).tick();
    const context = { log: silent, signal: undefined, isLastAttempt: isLast ?? false };
    await runJob(dependencies(clock, work))(payload, context).catch(() => null);
    expect(await listRuns(db.sql)).toMatchObject([{ status, outcome }]);
  });

  it('is dead for a job there is not, and for a slot no clock has claimed', async () => {
    const clock = new SteppedClock('2026-03-01T03:30:05Z');
    const jobs = [{ name: 'gone', cron: '30 3 * * *', catchUp: 1 }];
    await new Scheduler({ db, queues: new Bell(), clock, log: silent, jobs }).tick();
    const work = runJob(dependencies(clock, async () => done()));
    const context = { log: silent, signal: undefined };
    expect(await work({ ...payload, job: 'gone' }, context)).toEqual(dead('no job is named gone'));
    expect(await work({ ...payload, job: 'gone' }, context)).toEqual(dead('no job is named gone'));
    expect(await work(payload, context)).toEqual(dead('no clock has claimed this slot of nightly'));
  });
});

it('a claimed slot goes through the queue to a worker, and a run that throws is run again', async () => {
  const clock = new SteppedClock('2026-03-01T03:30:05Z');
  const backend = postgresBackend(database.url, serviceRole, () => undefined);
  const queues = new Queues(backend, silent);
  let tries = 0;
  const work = async () => {
    tries += 1;
    if (tries === 1) throw new Error('no luck');
    return done(`at try ${tries}`);
  };
  const worker = consume(backend, scheduledJobs, runJob(dependencies(clock, work)), {
    concurrency: 2,
    clock,
    log: silent,
    metrics: createMetrics(),
  });
  const jobs = [{ name: 'nightly', cron: '30 3 * * *', catchUp: 1 }];
  const scheduler = new Scheduler({ db, queues, clock, log: silent, jobs });
  expect(await scheduler.tick()).toBe(1);
  await vi.waitFor(
    async () => expect(await listRuns(db.sql)).toMatchObject([{ status: 'done', outcome: 'at try 2' }]),
    20_000,
  );
  expect(tries).toBe(2);
  await worker.close();
  await queues.close();
  await backend.close();
});

const dependencies = (clock: Clock, work: () => Promise<Outcome>): RunDependencies => ({
  jobs: new Map([['nightly', work]]),
  beginRun: (run) => beginRun(db.sql, run, clock.now()),
  keepRunAlive: (run) => keepRunAlive(db.sql, run, clock.now()),
  finishRun: (run, end) => finishRun(db.sql, run, end, clock.now()),
});
