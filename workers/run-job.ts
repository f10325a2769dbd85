/**
 * Runs the cron slots that schedulers claimed. The queue gives a slot to one worker at a time. The row of the run is a
 * second check, and records the outcome.
 *
 * A crash during a run leaves its row `running`. A scheduler enqueues the slot again after 40 seconds without a
 * heartbeat.
 */
import type { JobSlot } from '../src/operate/claim-slots.ts';
import { beginRun, type Beginning, finishRun, keepRunAlive } from '../src/operate/job-runs.ts';
import { endOf, whileAlive } from '../src/operate/run-outcome.ts';
import type { JobServices, ScheduledJob } from '../src/operate/scheduled-job.ts';
import type { Handler, JobContext } from '../src/runtime/queues/consume.ts';
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
    return carryOut(run, work, services, context);
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

async function carryOut(
  run: JobSlot,
  work: () => Promise<JobOutcome>,
  { db, clock }: JobServices,
  context: JobContext,
): Promise<JobOutcome> {
  const beat = () => keepRunAlive(db.sql, run, clock.now());
  const outcome = await whileAlive(beat, context, work).catch(async (error: unknown) => {
    const status = context.isLastAttempt ? 'failed' : 'queued';
    await finishRun(db.sql, run, { status, outcome: String(error) }, clock.now());
    throw error;
  });
  await finishRun(db.sql, run, endOf(outcome), clock.now());
  return outcome;
}
