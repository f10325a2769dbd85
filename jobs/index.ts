/** Lists the scheduled jobs, and runs one in the foreground. */
import { carryOutRun, endOf } from '../src/operate/carry-out-run.ts';
import { beginRunAnyway, findRunning, stillRunning } from '../src/operate/job-runs.ts';
import type { JobServices, ScheduledJob } from '../src/operate/scheduled-job.ts';
import { type JobOutcome, skip } from '../src/runtime/queues/outcome.ts';
import { benchmarks } from './benchmarks.ts';
import { dailySummary } from './daily-summary.ts';
import { endCooldowns } from './end-cooldowns.ts';
import { evaluatePeriods } from './evaluate-periods.ts';
import { expireRecommendations } from './expire-recommendations.ts';
import { forecastRatios } from './forecast-ratios.ts';
import { measureRecommendations } from './measure-recommendations.ts';
import { moveDays } from './move-days.ts';
import { reconcileSpending } from './reconcile-spending.ts';
import { refreshProfiles } from './refresh-profiles.ts';
import { repriceExpenses } from './reprice-expenses.ts';
import { retention } from './retention.ts';
import { sweepPending } from './sweep-pending.ts';
import { wakeDeferred } from './wake-deferred.ts';

export const schedules: readonly ScheduledJob[] = [
  evaluatePeriods,
  endCooldowns,
  repriceExpenses,
  moveDays,
  wakeDeferred,
  dailySummary,
  sweepPending,
  reconcileSpending,
  benchmarks,
  forecastRatios,
  refreshProfiles,
  expireRecommendations,
  measureRecommendations,
  retention,
];

/**
 * Runs a job in the foreground, even if the slot has run already, and records the run. A slot in the future is not
 * recorded, as the schedulers will still claim it. A job that is running is not started a second time. Rejects when the
 * job fails.
 */
export async function runJobNow(
  services: JobServices,
  name: string,
  at: Temporal.Instant,
): Promise<{ job: string; at: string; outcome: string }> {
  const job = schedules.find((each) => each.name === name);
  if (!job)
    throw new Error(`no job is named ${name}; there are ${schedules.map((each) => each.name).join(', ')}`);
  const end = endOf(await runOnce(services, job, at));
  if (end.status === 'failed') throw new Error(end.outcome);
  return { job: name, at: at.toString(), outcome: end.outcome };
}

async function runOnce(services: JobServices, job: ScheduledJob, at: Temporal.Instant): Promise<JobOutcome> {
  const { db, clock, log } = services;
  const now = clock.now();
  const context = { log: log.child({ job: job.name }), signal: undefined, isLastAttempt: true };
  const work = (signal?: AbortSignal) => job.run(at, services, { ...context, signal });
  if (Temporal.Instant.compare(at, now) > 0) {
    const [running] = await findRunning(db.sql, job.name, now);
    return running ? skip(stillRunning(running)) : work();
  }
  const beginning = await beginRunAnyway(db, { job: job.name, slot: at }, now);
  if (beginning.kind === 'running') return skip(stillRunning(beginning));
  return carryOutRun(beginning.run, work, services, context);
}
