import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SteppedClock } from '../../../src/runtime/clock.ts';
import { dead, done, type JobOutcome } from '../../../src/runtime/queues/outcome.ts';
import { serviceRole } from '../../../src/runtime/database/admit-service.ts';
import type { Database } from '../../../src/runtime/database/database.ts';
import { beginRun, keepRunAlive, listRuns } from '../../../src/operate/job-runs.ts';
import { createLog } from '../../../src/runtime/log.ts';
import { createMetrics } from '../../../src/runtime/metrics.ts';
import { consume } from '../../../src/runtime/queues/consume.ts';
import { postgresBackend } from '../../../src/runtime/queues/postgres.ts';
import { Queues } from '../../../src/runtime/queues/enqueue.ts';
import { Scheduler } from '../../../src/operate/scheduler.ts';
import { begun, nightlyJob } from '../../support/worlds/nightly-job.ts';
import { QueueRecorder } from '../../support/worlds/queue-recorder.ts';
import { type OpenedDatabase, openFreshDatabase } from '../../support/servers/opened-database.ts';
import { scheduledJobs } from '../../../src/runtime/queues/scheduled-jobs.ts';

const at = (text: string) => Temporal.Instant.from(text);
const silent = createLog('silent');

let database: OpenedDatabase;
let db: Database;

beforeEach(async () => {
  database = await openFreshDatabase();
  ({ db } = database);
});

afterEach(() => database.drop());

describe('a run that was claimed and not finished', () => {
  const job = { name: 'nightly', cron: '30 3 * * *', catchUp: 1 };
  const run = { job: 'nightly', slot: at('2026-03-01T03:30:00Z') };
  const payload = { job: run.job, slot: run.slot.toString() };
  const context = { log: silent, signal: undefined };

  it('is enqueued again after 40 seconds and taken over once', async () => {
    const clock = new SteppedClock('2026-03-01T03:30:05Z');
    const queues = new QueueRecorder();
    const scheduler = new Scheduler({ db, queues: queues, clock, log: silent, jobs: [job] });
    let runs = 0;
    const work = nightlyJob(db, clock, async () => done(`run ${(runs += 1)}`));
    await scheduler.tick();
    expect(await beginRun(db, run, clock.now())).toMatchObject({ kind: 'begun' });

    clock.advance({ seconds: 39 });
    await scheduler.tick();
    expect(queues.enqueuedAgain).toEqual([]);
    const until = at('2026-03-01T03:30:45Z');
    expect(await work(payload, context)).toEqual({
      kind: 'later',
      at: until,
      reason: 'another worker has it',
    });

    clock.advance({ seconds: 1 });
    await scheduler.tick();
    expect(queues.enqueuedAgain).toEqual(['nightly 2026-03-01T03:30:00Z']);
    const outcomes = await Promise.all([work(payload, context), work(payload, context)]);
    expect(outcomes.map(({ kind }) => kind)).toContain('done');
    expect(runs).toBe(1);
    expect(await work(payload, context)).toEqual({ kind: 'skip', reason: 'already ran' });
    expect(await listRuns(db.sql, clock.now())).toEqual([
      { ...run, status: 'done', outcome: 'run 1', changedAt: clock.now() },
    ]);

    clock.advance({ minutes: 10 });
    await scheduler.tick();
    expect(queues.enqueuedAgain).toHaveLength(1);
  });

  it('stays with its worker while that reports that it is alive', async () => {
    const clock = new SteppedClock('2026-03-01T03:30:05Z');
    const queues = new QueueRecorder();
    const scheduler = new Scheduler({ db, queues: queues, clock, log: silent, jobs: [job] });
    await scheduler.tick();
    let held = await begun(db, run, clock.now());
    for (let beat = 0; beat < 5; beat += 1) {
      const heldAt = clock.advance({ seconds: 39 });
      expect(await keepRunAlive(db.sql, held, heldAt)).toBe(true);
      held = { ...held, heldAt };
      await scheduler.tick();
    }
    expect(queues.enqueuedAgain).toEqual([]);
    expect(await beginRun(db, run, clock.now())).toMatchObject({ kind: 'busy' });
  });

  it('is enqueued again after 20 seconds when the clock died before it enqueued', async () => {
    const clock = new SteppedClock('2026-03-01T03:30:05Z');
    const lost = new QueueRecorder();
    await new Scheduler({ db, queues: lost, clock, log: silent, jobs: [job] }).tick();
    const queues = new QueueRecorder();
    const other = new Scheduler({ db, queues: queues, clock, log: silent, jobs: [job] });
    clock.advance({ seconds: 19 });
    await other.tick();
    expect(queues.enqueuedAgain).toEqual([]);
    clock.advance({ seconds: 1 });
    expect(await other.tick()).toBe(0);
    expect(queues.enqueuedAgain).toEqual(['nightly 2026-03-01T03:30:00Z']);
  });
});

describe('a recorded run', () => {
  const run = { job: 'nightly', slot: at('2026-03-01T03:30:00Z') };
  const payload = { job: run.job, slot: run.slot.toString() };
  const fails = async (): Promise<JobOutcome> => {
    throw new Error('no luck');
  };

  it.each([
    { run: 'that is done', work: async () => done('3 rebuilt'), status: 'done', outcome: '3 rebuilt' },
    { run: 'that is dead', work: async () => dead('never'), status: 'failed', outcome: 'never' },
    { run: 'that threw and has attempts left', work: fails, status: 'queued', outcome: 'Error: no luck' },
    {
      run: 'that threw at its last attempt',
      work: fails,
      isLast: true,
      status: 'failed',
      outcome: 'Error: no luck',
    },
  ])('$run has the status $status and its outcome', async ({ work, isLast, status, outcome }) => {
    const clock = new SteppedClock('2026-03-01T03:30:05Z');
    const jobs = [{ name: 'nightly', cron: '30 3 * * *', catchUp: 1 }];
    await new Scheduler({ db, queues: new QueueRecorder(), clock, log: silent, jobs }).tick();
    const context = { log: silent, signal: undefined, isLastAttempt: isLast ?? false };
    await nightlyJob(db, clock, work)(payload, context).catch(() => null);
    expect(await listRuns(db.sql, clock.now())).toMatchObject([{ status, outcome }]);
  });

  it('is dead for an unknown job, and for a slot that no clock has claimed', async () => {
    const clock = new SteppedClock('2026-03-01T03:30:05Z');
    const jobs = [{ name: 'gone', cron: '30 3 * * *', catchUp: 1 }];
    await new Scheduler({ db, queues: new QueueRecorder(), clock, log: silent, jobs }).tick();
    const work = nightlyJob(db, clock, async () => done());
    const context = { log: silent, signal: undefined };
    expect(await work({ ...payload, job: 'gone' }, context)).toEqual(dead('no job is named gone'));
    expect(await work({ ...payload, job: 'gone' }, context)).toEqual(dead('no job is named gone'));
    expect(await work(payload, context)).toEqual(dead('no clock has claimed this slot of nightly'));
  });
});

it('a claimed slot goes through the queue to a worker, and a run that throws is retried', async () => {
  const clock = new SteppedClock('2026-03-01T03:30:05Z');
  const backend = postgresBackend(database.url, serviceRole, () => undefined);
  const queues = new Queues(backend, [scheduledJobs], silent);
  let tries = 0;
  const work = async () => {
    tries += 1;
    if (tries === 1) throw new Error('no luck');
    return done(`at try ${tries}`);
  };
  const worker = consume(backend, scheduledJobs, nightlyJob(db, clock, work), {
    concurrency: 2,
    clock,
    log: silent,
    metrics: createMetrics(),
  });
  const jobs = [{ name: 'nightly', cron: '30 3 * * *', catchUp: 1 }];
  const scheduler = new Scheduler({ db, queues, clock, log: silent, jobs });
  expect(await scheduler.tick()).toBe(1);
  await vi.waitFor(
    async () =>
      expect(await listRuns(db.sql, clock.now())).toMatchObject([{ status: 'done', outcome: 'at try 2' }]),
    20_000,
  );
  expect(tries).toBe(2);
  await worker.close();
  await queues.close();
  await backend.close();
});
