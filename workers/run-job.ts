/**
 * Runs the cron slots that the clocks claimed, one slot of a job at a time. The queue gives a slot to one worker. The row
 * of the run is a second check, and records the outcome.
 *
 * A crash during a run leaves its row `running`. For 40 seconds without a heartbeat the job counts as running, and its
 * next slots are skipped. Then a scheduler enqueues the slot again, or the next slot runs.
 */
import type { JobSlot } from '../src/operate/claim-slots.ts';
import { beginRun, type Beginning, stillRunning } from '../src/operate/job-runs.ts';
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
    const beginning = await beginRun(services.db, run, services.clock.now());
    if (beginning.kind !== 'begun') return refusal(run, beginning);
    const job = jobs.find(({ name }) => name === run.job);
    const work = async (signal: AbortSignal) =>
      job ? job.run(run.slot, services, { ...context, signal }) : dead(`no job is named ${run.job}`);
    return carryOutRun(beginning.run, work, services, context);
  };

function refusal({ job }: JobSlot, beginning: Exclude<Beginning, { kind: 'begun' }>): JobOutcome {
  switch (beginning.kind) {
    case 'busy':
      // Postponed and not skipped: if the other worker has died, this job is the only one left to take over.
      return later(beginning.until, 'another worker has it');
    case 'running':
      return skip(stillRunning(beginning));
    case 'finished':
      if (beginning.status === 'failed') return dead(beginning.outcome ?? 'failed before');
      return skip(beginning.status === 'skipped' ? (beginning.outcome ?? 'skipped before') : 'already ran');
    case 'unclaimed':
      return dead(`no clock has claimed this slot of ${job}`);
  }
}
