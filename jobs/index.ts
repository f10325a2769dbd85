/** Lists the scheduled jobs, and runs one in the foreground. */
import { carryOutRun, endOf } from '../src/operate/carry-out-run.ts';
import { beginRunAnyway } from '../src/operate/job-runs.ts';
import type { JobServices, ScheduledJob } from '../src/operate/scheduled-job.ts';
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
  const recorded = async () => {
    const run = { job: name, slot: at };
    await beginRunAnyway(services.db.sql, run, services.clock.now());
    return carryOutRun(run, work, services, { ...context, isLastAttempt: true });
  };
  const isDue = Temporal.Instant.compare(at, services.clock.now()) <= 0;
  const end = endOf(await (isDue ? recorded() : work()));
  if (end.status === 'failed') throw new Error(end.outcome);
  return { job: name, at: at.toString(), outcome: end.outcome };
}
