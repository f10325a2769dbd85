/** The scheduled jobs and what they are given. Adding one is a file, its test, and a line of `schedules`. */
import type { Clock } from '../src/clock.ts';
import type { Outcome } from '../src/contracts/outcome.ts';
import type { Database } from '../src/db/database.ts';
import { beginRun, beginRunAnyway, keepRunAlive } from '../src/db/queries/begin-run.ts';
import { compareSpending } from '../src/db/queries/compare-spending.ts';
import { computeBenchmarks } from '../src/db/queries/compute-benchmarks.ts';
import { deleteOldEvents } from '../src/db/queries/delete-old-events.ts';
import { deleteOldInterruptions } from '../src/db/queries/delete-old-interruptions.ts';
import { deleteOldRuns } from '../src/db/queries/delete-old-runs.ts';
import { endDueCooldowns } from '../src/db/queries/end-cooldowns.ts';
import { expireDueRecommendations } from '../src/db/queries/expire-recommendations.ts';
import {
  findUnfinishedBatches,
  findUnfinishedDeliveries,
  findUnfinishedNotifications,
  findUnfinishedProfiles,
} from '../src/db/queries/find-unfinished.ts';
import { finishRun } from '../src/db/queries/finish-run.ts';
import { listTenants } from '../src/db/queries/list-tenants.ts';
import { markDueProfiles } from '../src/db/queries/mark-due-profiles.ts';
import { measureDueRecommendations } from '../src/db/queries/measure-recommendations.ts';
import { openPeriods } from '../src/db/queries/open-periods.ts';
import { rebuildSpending } from '../src/db/queries/rebuild-spending.ts';
import { sendDueDigests } from '../src/db/queries/send-digests.ts';
import { wakeDue } from '../src/db/queries/wake-deferred.ts';
import type { Means } from '../src/db/queries/write-telling.ts';
import { localDay } from '../src/domain/period.ts';
import type { Log } from '../src/log.ts';
import type { Queues } from '../src/queue/queues.ts';
import { endOf, type Run, type RunDependencies, type RunEnd, whileAlive } from '../workers/run-job.ts';
import { benchmarks } from './benchmarks.ts';
import { dailySummary } from './daily-summary.ts';
import { endCooldowns } from './end-cooldowns.ts';
import { evaluatePeriods } from './evaluate-periods.ts';
import { expireRecommendations } from './expire-recommendations.ts';
import { measureRecommendations } from './measure-recommendations.ts';
import { reconcileSpending } from './reconcile-spending.ts';
import { refreshProfiles } from './refresh-profiles.ts';
import { retention } from './retention.ts';
import type { JobDependencies, ScheduledJob } from './scheduled-job.ts';
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

/** What of the services the jobs use. */
type JobServices = {
  db: Database;
  clock: Clock;
  queues: Pick<Queues, 'ring' | 'ringAgain'>;
  means: Means;
  log: Log;
};

export const jobDependencies = ({ db, clock, queues, means }: JobServices): JobDependencies => ({
  now: () => clock.now(),
  openPeriods: async (limit) => openPeriods(db, await listTenants(db.sql), limit, clock.now()),
  endDueCooldowns: async (limit) => endDueCooldowns(db, await listTenants(db.sql), limit, clock.now()),
  listTenants: () => listTenants(db.sql),
  findUnfinishedBatches: (tenantIds, before) =>
    db.transaction(tenantIds, (sql) => findUnfinishedBatches(sql, tenantIds, before)),
  findUnfinishedNotifications: (tenantIds, before) =>
    db.transaction(tenantIds, (sql) => findUnfinishedNotifications(sql, tenantIds, before)),
  findUnfinishedDeliveries: (tenantIds, before) =>
    db.transaction(tenantIds, (sql) => findUnfinishedDeliveries(sql, tenantIds, before)),
  findUnfinishedProfiles: (tenantIds, before) =>
    db.transaction(tenantIds, (sql) => findUnfinishedProfiles(sql, tenantIds, before)),
  markDueProfiles: async (limit) => markDueProfiles(db, await listTenants(db.sql), limit, clock.now()),
  expireRecommendations: async (limit) =>
    expireDueRecommendations(db, await listTenants(db.sql), limit, clock.now()),
  measureRecommendations: (tenantId, limit) => measureDueRecommendations(db, tenantId, limit, clock.now()),
  wakeDeferred: async (limit) => wakeDue(db, await listTenants(db.sql), limit, means, clock.now()),
  sendDigests: async (limit) => sendDueDigests(db, await listTenants(db.sql), limit, means, clock.now()),
  compareSpending: (tenantId) => db.transaction([tenantId], (sql) => compareSpending(sql, tenantId)),
  rebuildSpending: (people) => rebuildSpending(db, [...people], clock.now()),
  deleteOldEvents: (tenantId, before, limit) =>
    db.transaction([tenantId], (sql) => deleteOldEvents(sql, tenantId, before, limit)),
  deleteOldInterruptions: (tenantId, before) =>
    db.transaction([tenantId], (sql) => deleteOldInterruptions(sql, tenantId, localDay(before, 'UTC'))),
  deleteOldRuns: (before) => deleteOldRuns(db.sql, before),
  computeBenchmarks: (tenantId, month) => computeBenchmarks(db, tenantId, month, clock.now()),
  ring: (contract, payloads) => queues.ring(contract, payloads),
  ringAgain: (contract, payloads) => queues.ringAgain(contract, payloads),
});

/** What the worker `run-job` needs to run every job of the table. */
export function runDependencies(services: JobServices): RunDependencies {
  const { db, clock } = services;
  const deps = jobDependencies(services);
  return {
    jobs: new Map(schedules.map((job) => [job.name, (slot, context) => job.run(slot, deps, context)])),
    beginRun: (run) => beginRun(db.sql, run, clock.now()),
    keepRunAlive: (run) => keepRunAlive(db.sql, run, clock.now()),
    finishRun: (run, end) => finishRun(db.sql, run, end, clock.now()),
  };
}

/**
 * Runs a job in the foreground, also where the slot has run, and puts the run on record. A slot still to
 * come is left off the record, as it is for the clocks to claim. Rejects when the job fails.
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
  const work = () => job.run(at, jobDependencies(services), context);
  const isOnRecord = Temporal.Instant.compare(at, services.clock.now()) <= 0;
  const outcome = await (isOnRecord ? recorded(services, { job: name, slot: at }, work) : work());
  const end = endOf(outcome);
  if (end.status === 'failed') throw new Error(end.outcome);
  return { job: name, at: at.toString(), outcome: end.outcome };
}

async function recorded(services: JobServices, run: Run, work: () => Promise<Outcome>): Promise<Outcome> {
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
