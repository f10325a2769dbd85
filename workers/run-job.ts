/**
 * Runs the cron slots that the clocks claimed. The queue gives a slot to one worker at a time. The row of the run is a
 * second check, and records the outcome.
 *
 * A crash during a run leaves its row `running`. A scheduler enqueues the slot again after 40 seconds without a
 * heartbeat.
 */
import type { JobSlot } from '../src/operate/claim-slots.ts';
import { beginRun, type Beginning } from '../src/operate/job-runs.ts';
import { carryOutRun } from '../src/operate/carry-out-run.ts';
import type { JobServices, ScheduledJob } from '../src/operate/scheduled-job.ts';
import type { Handler } from '../src/runtime/queues/consume.ts';
import { dead, type JobOutcome, later, skip } from '../src/runtime/queues/outcome.ts';
import type { scheduledJobs } from '../src/runtime/queues/scheduled-jobs.ts';

type RunnableJob = Pick<ScheduledJob, 'name' | 'run'>;

export const runJob =
  (services: JobServices, jobs: readonly RunnableJob[]): Handler<(typeof scheduledJobs)['schema']> =>
  async (payload, context): Promise<JobOutcome> => {
    const run = { job: payload.job, slot: Temporal.Instant.from(payload.slot) };
    const beginning = await beginRun(services.db.sql, run, services.clock.now());
    if (beginning.kind !== 'begun') return refusal(run, beginning);
    const job = jobs.find(({ name }) => name === run.job);
    const work = async () =>
      job ? job.run(run.slot, services, context) : dead(`no job is named ${run.job}`);
    return carryOutRun(run, work, services, context);
  };

function refusal({ job }: JobSlot, beginning: Exclude<Beginning, { kind: 'begun' }>): JobOutcome {
  switch (beginning.kind) {
    case 'busy':
      // Postponed and not skipped: if the other worker has died, this job is the only one left to take over.
      return later(beginning.until, 'another worker has it');
    case 'finished':
      if (beginning.status === 'failed') return dead(beginning.outcome ?? 'failed before');
      return skip('already ran');
    case 'unclaimed':
      return dead(`no clock has claimed this slot of ${job}`);
  }
}
