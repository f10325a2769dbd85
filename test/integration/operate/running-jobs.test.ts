/** A job that is running is not started a second time, whichever process is asked to. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { runJobNow } from '../../../jobs/index.ts';
import { carryOutRun } from '../../../src/operate/carry-out-run.ts';
import { beginRun, beginRunAnyway, listRuns } from '../../../src/operate/job-runs.ts';
import { SteppedClock } from '../../../src/runtime/clock.ts';
import { Database } from '../../../src/runtime/database/database.ts';
import { createLog } from '../../../src/runtime/log.ts';
import { done, type JobOutcome } from '../../../src/runtime/queues/outcome.ts';
import { type OpenedDatabase, openFreshDatabase } from '../../support/servers/opened-database.ts';
import { begun, jobServices, nightlyJob } from '../../support/worlds/nightly-job.ts';

const at = (text: string) => Temporal.Instant.from(text);
const silent = createLog('silent');

let database: OpenedDatabase;
let db: Database;

const slotAt = (time: string) => ({ job: 'nightly', slot: `2026-03-01T${time}:00Z` });
const [first, second, third] = [slotAt('03:30'), slotAt('03:31'), slotAt('03:32')];
const context = { log: silent, signal: undefined };
const stillRunning = 'still running for the slot 2026-03-01T03:30:00Z';
const outcomes = async () =>
  (await db.sql.selectFrom('job_runs').select(['status', 'outcome']).orderBy('slot').execute()).map(
    ({ status, outcome }) => `${status}: ${outcome}`,
  );

beforeEach(async () => {
  database = await openFreshDatabase();
  ({ db } = database);
  const queued = { status: 'queued', outcome: null, changed_at: first.slot };
  const rows = [first, second, third].map((slot) => ({ ...slot, ...queued }));
  await db.sql.insertInto('job_runs').values(rows).execute();
});

afterEach(() => database.drop());

it('a running job is not started for its next slot, which ends at once and says so', async () => {
  const clock = new SteppedClock('2026-03-01T03:32:00Z');
  const { promise: held, resolve: release } = Promise.withResolvers<JobOutcome>();
  let runs = 0;
  const work = nightlyJob(db, clock, () => {
    runs += 1;
    return runs === 1 ? held : Promise.resolve(done(`run ${runs}`));
  });
  const long = work(first, context);
  await vi.waitFor(() => expect(runs).toBe(1));
  expect(await work(second, context)).toEqual({ kind: 'skip', reason: stillRunning });
  expect(await work(second, context)).toEqual({ kind: 'skip', reason: stillRunning });
  expect(runs).toBe(1);
  release(done('at last'));
  await long;
  expect(await work(third, context)).toEqual(done('run 2'));
  expect(await outcomes()).toEqual(['done: at last', `skipped: ${stillRunning}`, 'done: run 2']);
});

it('a running job is started by one of two workers that begin two of its slots at the same moment', async () => {
  const now = at('2026-03-01T03:32:00Z');
  const other = await Database.open({ url: database.url, log: silent, poolSize: 2 });
  for (let round = 0; round < 20; round += 1) {
    await db.sql.updateTable('job_runs').set({ status: 'queued' }).execute();
    const beginnings = await Promise.all(
      [first, second].map(({ job, slot }, index) =>
        beginRun(index ? other : db, { job, slot: at(slot) }, now),
      ),
    );
    expect(beginnings.map(({ kind }) => kind).toSorted()).toEqual(['begun', 'running']);
  }
  await other.close();
});

it('a running job holds up its next slots for 40 seconds when its process was killed', async () => {
  const clock = new SteppedClock('2026-03-01T03:30:30Z');
  const work = nightlyJob(db, clock, async () => done('next'));
  await begun(db, { job: 'nightly', slot: at('2026-03-01T03:30:00Z') }, clock.now());
  clock.advance({ seconds: 39 });
  expect(await work(second, context)).toEqual({ kind: 'skip', reason: stillRunning });
  clock.advance({ seconds: 1 });
  expect(await work(third, context)).toEqual(done('next'));
});

it('a running job is started for its next slot when it was begun by a clock that was a week ahead', async () => {
  const clock = new SteppedClock('2026-03-01T03:31:00Z');
  await begun(db, { job: 'nightly', slot: at('2026-03-01T03:30:00Z') }, at('2026-03-08T03:30:00Z'));
  expect(await nightlyJob(db, clock, async () => done('next'))(second, context)).toEqual(done('next'));
});

it('a running job is not started by hand either, now or for a slot to come', async () => {
  const clock = new SteppedClock('2026-03-01T03:30:30Z');
  const slot = at('2026-03-01T03:30:00Z');
  await beginRunAnyway(db, { job: 'retention', slot }, clock.now());
  for (const time of ['2026-03-01T03:30:20Z', '2026-03-01T03:50:00Z'])
    expect(await runJobNow(jobServices(db, clock), 'retention', at(time))).toMatchObject({
      outcome: `skipped: ${stillRunning}`,
    });
  expect((await listRuns(db.sql, clock.now())).find(({ job }) => job === 'retention')).toMatchObject({
    slot: at('2026-03-01T03:30:20Z'),
    status: 'skipped',
    outcome: stillRunning,
  });
  clock.advance({ seconds: 40 });
  expect(await runJobNow(jobServices(db, clock), 'retention', slot)).toMatchObject({
    outcome: expect.stringContaining('deleted'),
  });
});

it('a running job is told to end when another worker has taken its run over, and does not end that one', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const clock = new SteppedClock('2026-03-01T03:30:00Z');
  const slot = at('2026-03-01T03:30:00Z');
  const run = await begun(db, { job: 'nightly', slot }, clock.now());
  const ended = carryOutRun(
    run,
    (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    jobServices(db, clock),
    context,
  );
  clock.advance({ seconds: 40 });
  await begun(db, { job: 'nightly', slot }, clock.now());
  vi.advanceTimersByTime(10_000);
  await expect(ended).rejects.toThrow('another worker has taken the run over');
  expect((await outcomes())[0]).toBe('running: null');
  vi.useRealTimers();
});
