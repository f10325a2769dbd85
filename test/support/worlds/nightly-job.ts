/** A scheduled job whose work a test gives, and what it runs with. */
import type { JobSlot } from '../../../src/operate/claim-slots.ts';
import { beginRun, type HeldRun } from '../../../src/operate/job-runs.ts';
import type { ChannelSetup } from '../../../src/notify/sql/write-plans.ts';
import type { Clock } from '../../../src/runtime/clock.ts';
import { readConfig } from '../../../src/runtime/config/config.ts';
import type { Database } from '../../../src/runtime/database/database.ts';
import { createLog } from '../../../src/runtime/log.ts';
import type { JobOutcome } from '../../../src/runtime/queues/outcome.ts';
import { runJob } from '../../../workers/run-job.ts';
import { QueueRecorder } from './queue-recorder.ts';

/** Throws if the run cannot begin. */
export async function begun(db: Database, run: JobSlot, now: Temporal.Instant): Promise<HeldRun> {
  const beginning = await beginRun(db, run, now);
  if (beginning.kind !== 'begun') throw new Error(`the run is ${beginning.kind}`);
  return beginning.run;
}

/** Of a job that sends nothing. */
export const jobServices = (db: Database, clock: Clock) => ({
  db,
  clock,
  log: createLog('silent'),
  queues: new QueueRecorder(),
  channelSetup: {} as ChannelSetup,
  config: readConfig({}),
});

/** The handler of a job named `nightly` that does this work and enqueues nothing. */
export const nightlyJob = (db: Database, clock: Clock, work: () => Promise<JobOutcome>) =>
  runJob(jobServices(db, clock), [{ name: 'nightly', run: work }]);
