/** Lists the scheduled jobs, and runs one in the foreground. */
import type { JobSlot } from '../src/operate/claim-slots.ts';
import { beginRunAnyway, finishRun, keepRunAlive, type RunEnd } from '../src/operate/job-runs.ts';
import { endOf, whileAlive } from '../src/operate/run-outcome.ts';
import type { JobServices, ScheduledJob } from '../src/operate/scheduled-job.ts';
import type { JobOutcome } from '../src/runtime/queues/outcome.ts';
import { benchmarks } from './benchmarks.ts';
import { dailySummary } from './daily-summary.ts';
import { endCooldowns } from './end-cooldowns.ts';
import { evaluatePeriods } from './evaluate-periods.ts';
import { expireRecommendations } from './expire-recommendations.ts';
import { measureRecommendations } from './measure-recommendations.ts';
import { reconcileSpending } from './reconcile-spending.ts';
import { refreshProfiles } from './refresh-profiles.ts';
import { retention } from './retention.ts';
import { sweepPending } from './sweep-pending.ts';
import { wakeDeferred } from './wake-deferred.ts';

export const schedules: readonly ScheduledJob[] = [
  evaluatePeriods,
  endCooldowns,
  wakeDeferred,
  dailySummary,
  sweepPending,
  reconcileSpending,
  benchmarks,
  refreshProfiles,
  expireRecommendations,
  measureRecommendations,
  retention,
];

/**
 * Runs a job in the foreground, even if the slot has run already, and records the run. A slot in the future is not
 * recorded, as the schedulers will still claim it. Rejects when the job fails.
 */
export async function runJobNow(
  services: JobServices,
  name: string,
  at: Temporal.Instant,
): Promise<{ job: string; at: string; outcome: string }> {
  const job = schedules.find((each) => each.name === name);
  if (!job)
    throw new Error(`no job is named ${name}; there are ${schedules.map((each) => each.name).join(', ')}`);
  const context = { log: services.log.child({ job: name }), signal: undefined };
  const work = () => job.run(at, services, context);
  const isOnRecord = Temporal.Instant.compare(at, services.clock.now()) <= 0;
  const outcome = await (isOnRecord ? recorded(services, { job: name, slot: at }, work) : work());
  const end = endOf(outcome);
  if (end.status === 'failed') throw new Error(end.outcome);
  return { job: name, at: at.toString(), outcome: end.outcome };
}

async function recorded(
  services: JobServices,
  run: JobSlot,
  work: () => Promise<JobOutcome>,
): Promise<JobOutcome> {
  const { db, clock } = services;
  const finish = (end: RunEnd) => finishRun(db.sql, run, end, clock.now());
  await beginRunAnyway(db.sql, run, clock.now());
  const beat = () => keepRunAlive(db.sql, run, clock.now());
  const outcome = await whileAlive(beat, services, work).catch(async (error: unknown) => {
    await finish({ status: 'failed', outcome: String(error) });
    throw error;
  });
  await finish(endOf(outcome));
  return outcome;
}
