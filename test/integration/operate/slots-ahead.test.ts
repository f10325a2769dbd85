/** A clock that was ahead leaves slots later than now. They stop no job. */
import { expect, it } from 'vitest';
import { checkWork } from '../../../src/cli/doctor/check-work.ts';
import type { Schedule } from '../../../src/operate/cron-slots.ts';
import { listRuns } from '../../../src/operate/job-runs.ts';
import { Scheduler } from '../../../src/operate/scheduler.ts';
import { SteppedClock } from '../../../src/runtime/clock.ts';
import { createLog } from '../../../src/runtime/log.ts';
import { databaseOfFile } from '../../support/servers/opened-database.ts';
import { QueueRecorder } from '../../support/worlds/queue-recorder.ts';

const database = await databaseOfFile();
const { db } = database;

it('slots that a clock claimed while it was a week ahead stop no job, and are reported once by each scheduler', async () => {
  const jobs: Schedule[] = [
    { name: 'often', cron: '* * * * *', catchUp: 1 },
    { name: 'nightly', cron: '30 3 * * *', catchUp: 1 },
  ];
  const ahead = new SteppedClock('2026-03-08T00:00:30Z');
  const lines: string[] = [];
  const log = createLog('warn', { write: (line) => void lines.push(line) });
  await new Scheduler({ db, queues: new QueueRecorder(), clock: ahead, log, jobs }).tick();
  expect(lines).toEqual([]);

  const clock = new SteppedClock('2026-03-01T00:00:30Z');
  const queues = new QueueRecorder();
  const scheduler = new Scheduler({ db, queues, clock, log, jobs });
  expect(await scheduler.tick()).toBe(2);
  clock.advance({ minutes: 1 });
  expect(await scheduler.tick()).toBe(1);
  expect(queues.enqueued).toEqual([
    'often 2026-03-01T00:00:00Z',
    'nightly 2026-02-28T03:30:00Z',
    'often 2026-03-01T00:01:00Z',
  ]);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('later than now');
  expect((await listRuns(db.sql, clock.now())).map(({ slot }) => slot.toString())).toEqual([
    '2026-02-28T03:30:00Z',
    '2026-03-01T00:01:00Z',
  ]);

  await database.sql
    .insertInto('service_clock')
    .values({ id: true, offset_ms: offsetOf(clock) })
    .execute();
  const slotsCheck = async () => (await checkWork(db)).find(({ name }) => name === 'slots');
  expect(await slotsCheck()).toMatchObject({
    status: 'warn',
    seen: '2 jobs have slots up to 2026-03-08T00:00:00Z, later than now',
  });
  await database.sql
    .updateTable('service_clock')
    .set({ offset_ms: offsetOf(ahead) })
    .execute();
  expect(await slotsCheck()).toMatchObject({ status: 'ok' });
});

/** The offset with which the machine's clock shows that time. */
const offsetOf = (clock: SteppedClock): string =>
  String(clock.now().epochMilliseconds - Temporal.Now.instant().epochMilliseconds);
