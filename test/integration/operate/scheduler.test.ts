import { sql as statement } from 'kysely';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SteppedClock } from '../../../src/runtime/clock.ts';
import { Database } from '../../../src/runtime/database/database.ts';
import type { Schedule } from '../../../src/operate/cron-slots.ts';
import { createLog } from '../../../src/runtime/log.ts';
import { Scheduler } from '../../../src/operate/scheduler.ts';
import { QueueRecorder } from '../../support/worlds/queue-recorder.ts';
import { freshDatabase } from '../../support/servers/database.ts';

const at = (text: string) => Temporal.Instant.from(text);
const silent = createLog('silent');

let database: Awaited<ReturnType<typeof freshDatabase>>;
let opened: Database[];

beforeEach(async () => {
  database = await freshDatabase();
  opened = [];
});

afterEach(async () => {
  await Promise.all(opened.map((db) => db.close()));
  await database.drop();
});

async function open(): Promise<Database> {
  const db = await Database.open({ url: database.url, log: silent, poolSize: 3 });
  opened.push(db);
  return db;
}

const claimedSlots = async (db: Database): Promise<string[]> => {
  const rows = await db.sql
    .selectFrom('job_runs')
    .select(['job', 'slot'])
    .orderBy('job')
    .orderBy('slot')
    .execute();
  return rows.map(({ job, slot }) => `${job} ${at(slot).toString()}`);
};

type Grid = { job: string; minutes: number; first: string };

/** Every slot of a job that runs each `minutes`, from its first slot to `last`. */
function slotsBetween({ job, minutes, first }: Grid, last: Temporal.Instant): string[] {
  const slots: string[] = [];
  for (let slot = at(first); Temporal.Instant.compare(slot, last) <= 0; slot = slot.add({ minutes }))
    slots.push(`${job} ${slot.toString()}`);
  return slots;
}

const partition = <T>(all: readonly T[], test: (one: T) => boolean): [T[], T[]] => [
  all.filter(test),
  all.filter((one) => !test(one)),
];

/** mulberry32, which gives the same numbers for the same seed. https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('three clocks on one database, one of them 90 seconds fast and one 90 seconds slow,', () => {
  const grids = [
    { job: 'quarterly', minutes: 15, first: '2026-01-01T03:30:00Z' },
    { job: 'hourly', minutes: 60, first: '2026-01-01T03:07:00Z' },
    { job: 'nightly', minutes: 1440, first: '2026-01-01T03:30:00Z' },
  ];
  const jobs: Schedule[] = [
    { name: 'quarterly', cron: '*/15 * * * *', catchUp: 1000 },
    { name: 'hourly', cron: '7 * * * *', catchUp: 1000 },
    { name: 'nightly', cron: '30 3 * * *', catchUp: 1000 },
    { name: 'newest-alone', cron: '* * * * *', catchUp: 1 },
  ];
  const start = at('2026-01-01T03:30:30Z');
  const end = start.add({ hours: 30 * 24 });

  /** One clock process, stopped at random and replaced by another some steps later. */
  class ClockProcess {
    readonly #db: Database;
    readonly #queues: QueueRecorder;
    readonly #skew: Temporal.Duration;
    #running: { clock: SteppedClock; scheduler: Scheduler } | null = null;
    #stepsDown = 0;
    stops = 0;

    constructor(db: Database, queues: QueueRecorder, skewSeconds: number) {
      this.#db = db;
      this.#queues = queues;
      this.#skew = Temporal.Duration.from({ seconds: skewSeconds });
    }

    /** Moves to `now` and returns the time its clock shows; null while it is stopped. */
    async moveTo(now: Temporal.Instant, random: () => number): Promise<Temporal.Instant | null> {
      if (this.#stepsDown > 0) this.#stepsDown -= 1;
      else if (this.#running && random() < 0.1) await this.#stop(random);
      else this.#running ??= this.#build(now);
      return this.#running?.clock.moveTo(now.add(this.#skew)) ?? null;
    }

    async tick(): Promise<number> {
      return (await this.#running?.scheduler.tick()) ?? 0;
    }

    #build(now: Temporal.Instant) {
      const clock = new SteppedClock(now.add(this.#skew));
      const deps = { db: this.#db, queues: this.#queues, clock, log: silent, jobs };
      return { clock, scheduler: new Scheduler(deps) };
    }

    async #stop(random: () => number): Promise<void> {
      await this.#running?.scheduler.stop();
      this.#running = null;
      this.stops += 1;
      this.#stepsDown = Math.floor(random() * 5);
    }
  }

  /** The next time, 20 seconds to 5 hours later; most steps are short. */
  const stepFrom = (now: Temporal.Instant, random: () => number) =>
    now.add({ seconds: Math.round(20 + random() ** 3 * 5 * 3600) });

  it.each([1, 2])('claim each slot of a month once and miss none (seed %i)', async (seed) => {
    const random = seeded(seed);
    const queues = new QueueRecorder();
    const db = await open();
    const processes = [
      new ClockProcess(await open(), queues, 90),
      new ClockProcess(db, queues, 0),
      new ClockProcess(await open(), queues, -90),
    ];
    await processes[1]?.moveTo(start, random);
    expect(await processes[1]?.tick()).toBe(jobs.length);

    let steps = 0;
    let latestShown = start;
    for (let now = start; Temporal.Instant.compare(now, end) < 0; steps += 1) {
      now = stepFrom(now, random);
      for (const each of processes) {
        const shown = await each.moveTo(now, random);
        if (shown && Temporal.Instant.compare(shown, latestShown) > 0) latestShown = shown;
      }
      await Promise.all(processes.map((each) => each.tick()));
      await db.sql.updateTable('job_runs').set({ status: 'done' }).where('status', '=', 'queued').execute();
    }
    expect(steps).toBeGreaterThan(300);
    for (const { stops } of processes) expect(stops).toBeGreaterThan(10);

    const expected = grids.flatMap((grid) => slotsBetween(grid, latestShown));
    const [newestAlone, kept] = partition(queues.enqueued, (slot) => slot.startsWith('newest-alone'));
    expect(kept.toSorted()).toEqual(expected.toSorted());
    expect(kept.length).toBeGreaterThan(30 * (96 + 24 + 1) - 10);
    // This job drops missed slots. Which ones depends on the clock that is first, but none is claimed twice.
    expect(new Set(newestAlone).size).toBe(newestAlone.length);
    expect(newestAlone.length).toBeGreaterThan(steps / 2);
    expect(await claimedSlots(db)).toEqual(queues.enqueued.toSorted());
  });
});

it('a clock that was away catches up the newest missed slots of each job in order, up to its limit', async () => {
  const clock = new SteppedClock('2026-03-01T00:00:10Z');
  const queues = new QueueRecorder();
  const jobs: Schedule[] = [
    { name: 'one', cron: '0 * * * *', catchUp: 1 },
    { name: 'three', cron: '0 */6 * * *', catchUp: 3 },
    { name: 'all', cron: '30 3 * * *', catchUp: 31 },
  ];
  const db = await open();
  const before = new Scheduler({ db, queues: queues, clock, log: silent, jobs });
  expect(await before.tick()).toBe(3);
  expect(queues.enqueued).toEqual([
    'one 2026-03-01T00:00:00Z',
    'three 2026-03-01T00:00:00Z',
    'all 2026-02-28T03:30:00Z',
  ]);
  await before.stop();

  clock.advance({ hours: 72 });
  queues.enqueued.length = 0;
  const after = new Scheduler({ db: await open(), queues: queues, clock, log: silent, jobs });
  expect(await after.tick()).toBe(7);
  expect(queues.enqueued).toEqual([
    'one 2026-03-04T00:00:00Z',
    'three 2026-03-03T12:00:00Z',
    'three 2026-03-03T18:00:00Z',
    'three 2026-03-04T00:00:00Z',
    'all 2026-03-01T03:30:00Z',
    'all 2026-03-02T03:30:00Z',
    'all 2026-03-03T03:30:00Z',
  ]);
  expect(await after.tick()).toBe(0);
});

it('a scheduler refuses a cron expression that is never due before it starts', async () => {
  const db = await open();
  const build = (cron: string) => () =>
    new Scheduler({
      db,
      queues: new QueueRecorder(),
      clock: new SteppedClock('2026-03-01T00:00:00Z'),
      log: silent,
      jobs: [{ name: 'j', cron, catchUp: 1 }],
    });
  expect(build('0 0 30 2 *')).toThrow('job j: "0 0 30 2 *" is never due');
  expect(build('0 0 28 2 *')).not.toThrow();
});

describe('a started scheduler', () => {
  const jobs = [{ name: 'often', cron: '*/15 * * * * *', catchUp: 5 }];

  afterEach(() => void vi.useRealTimers());

  it('ticks at once and then every 15 seconds, and goes on after a claim that fails', async () => {
    vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'Date'],
      now: new Date('2026-03-01T10:00:07Z'),
    });
    const lines: string[] = [];
    const log = createLog('error', { write: (line) => void lines.push(line) });
    const clock = new SteppedClock('2026-03-01T10:00:07Z');
    const db = await open();
    const queues = new QueueRecorder();
    const scheduler = new Scheduler({ db, queues: queues, clock, log, jobs });
    // Two halves, so that the tick's work ends before the time-outs of its connection pass.
    const nextTick = async (done: () => void) => {
      clock.advance({ seconds: 15 });
      await vi.advanceTimersByTimeAsync(8_000);
      await vi.waitFor(done, 10_000);
      await vi.advanceTimersByTimeAsync(7_000);
    };
    scheduler.start();
    await vi.waitFor(() => expect(queues.enqueued).toEqual(['often 2026-03-01T10:00:00Z']), 10_000);
    await nextTick(() => expect(queues.enqueued).toHaveLength(2));
    expect(lines).toEqual([]);

    await execute('alter table job_runs rename to job_runs_away');
    await nextTick(() => expect(lines).toHaveLength(1));
    expect(lines[0]).toContain('job_runs');
    expect(queues.enqueued).toHaveLength(2);

    await execute('alter table job_runs_away rename to job_runs');
    await nextTick(() => expect(queues.enqueued).toHaveLength(4));
    expect(queues.enqueued.slice(2)).toEqual(['often 2026-03-01T10:00:30Z', 'often 2026-03-01T10:00:45Z']);
    await scheduler.stop();
    await nextTick(() => expect(queues.enqueued).toHaveLength(4));
  });

  it('has enqueued every claimed slot when it stops, at once or in the middle of a tick', async () => {
    vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'Date'],
      now: new Date('2026-03-01T10:00:07Z'),
    });
    const clock = new SteppedClock('2026-03-01T10:00:07Z');
    const db = await open();
    const queues = new QueueRecorder();
    const build = () => new Scheduler({ db, queues: queues, clock, log: silent, jobs });
    const stoppedAtOnce = build();
    stoppedAtOnce.start();
    await stoppedAtOnce.stop();
    expect(queues.enqueued).toEqual(['often 2026-03-01T10:00:00Z']);

    const stoppedLater = build();
    stoppedLater.start();
    await vi.waitFor(() => expect(queues.calls).toBe(4), 10_000);
    clock.advance({ seconds: 15 });
    vi.advanceTimersByTime(8_000);
    await stoppedLater.stop();
    expect(queues.enqueued).toEqual(['often 2026-03-01T10:00:00Z', 'often 2026-03-01T10:00:15Z']);
    expect(await claimedSlots(db)).toEqual(queues.enqueued);
  });
});

/** Executes a statement as the owner of the tables. */
async function execute(text: string): Promise<void> {
  await statement.raw(text).execute(database.sql);
}
