/**
 * The runs of scheduled jobs: one row for each claimed slot. A worker begins a run, keeps it alive and finishes it;
 * operators list the latest.
 */
import { sql as statement } from 'kysely';
import { allOf } from '../runtime/database/all-of.ts';
import type { Database, Sql } from '../runtime/database/database.ts';
import type { JobSlot } from './claim-slots.ts';
import { clocksDiffer } from './cron-slots.ts';

/** A run without a heartbeat for this long, by the service's clock, is dead: it is enqueued again and taken over. */
export const runDiesAfter = { seconds: 40 } as const;

/** A run that no worker begins for this long is enqueued again, because its queue signal may be lost. */
export const runWaits = { seconds: 20 } as const;

/** A run that this caller has begun. `heldAt`: the time it wrote last; whoever takes the run over writes another. */
export type HeldRun = JobSlot & { heldAt: Temporal.Instant };

/** The job is running already, for this slot. */
type Running = { kind: 'running'; slot: Temporal.Instant };

export type Beginning =
  | { kind: 'begun'; run: HeldRun }
  /** Another worker has it. Without another heartbeat it may be taken over at `until`. */
  | { kind: 'busy'; until: Temporal.Instant }
  /** Its row is now `skipped`. */
  | Running
  | { kind: 'finished'; status: string; outcome: string | null }
  | { kind: 'unclaimed' };

/** Begins a run of a claimed slot, unless another worker has it or the job is running for another slot. */
export const beginRun = (db: Database, run: JobSlot, now: Temporal.Instant): Promise<Beginning> =>
  db.transaction([], async (sql) => {
    const [, running] = await allOf([lockJob(sql, run.job), findRunning(sql, run.job, now)]);
    const other = running.find(({ slot }) => !slot.equals(run.slot));
    const { rows } = await statement`
      update job_runs
      set status = ${other ? 'skipped' : 'running'}, outcome = ${other ? stillRunning(other) : null},
        changed_at = ${now.toString()}
      where job = ${run.job} and slot = ${run.slot.toString()}
        and (status = 'queued' or status = 'running' and not ${isAlive(now)})
      returning job`.execute(sql);
    if (rows.length === 0) return whyNot(sql, run);
    return other ?? { kind: 'begun', run: { ...run, heldAt: now } };
  });

/**
 * Begins a run whatever the status of the slot's row, and inserts the row if there is none. Does not begin it if the job
 * is running.
 */
export const beginRunAnyway = (
  db: Database,
  run: JobSlot,
  now: Temporal.Instant,
): Promise<{ kind: 'begun'; run: HeldRun } | Running> =>
  db.transaction([], async (sql) => {
    const [, [running]] = await allOf([lockJob(sql, run.job), findRunning(sql, run.job, now)]);
    const row = { job: run.job, slot: run.slot.toString(), changed_at: now.toString() };
    const insert = sql.insertInto('job_runs');
    if (running) {
      await insert
        .values({ ...row, status: 'skipped', outcome: stillRunning(running) })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      return running;
    }
    const begun = { status: 'running', outcome: null, changed_at: row.changed_at };
    await insert
      .values({ ...row, ...begun })
      .onConflict((conflict) => conflict.columns(['job', 'slot']).doUpdateSet(begun))
      .execute();
    return { kind: 'begun', run: { ...run, heldAt: now } };
  });

/** Lets one run of the job begin at a time, until the transaction ends. */
const lockJob = (sql: Sql, job: string) =>
  statement`select pg_advisory_xact_lock(hashtextextended('job_runs ' || ${job}::text, 0))`.execute(sql);

/** The runs of the job that are alive; seldom more than one. Rides on `job_runs_unfinished`. */
export async function findRunning(sql: Sql, job: string, now: Temporal.Instant): Promise<Running[]> {
  const { rows } = await statement<{ slot: string }>`
    select slot from job_runs
    where job = ${job} and status = 'running' and ${isAlive(now)}
    order by slot`.execute(sql);
  return rows.map(({ slot }) => ({ kind: 'running', slot: Temporal.Instant.from(slot) }));
}

/** True for a row whose last change is not too old. One from a time to come says nothing about now. */
const isAlive = (now: Temporal.Instant) => statement`(
  changed_at > ${now.subtract(runDiesAfter).toString()}::timestamptz
  and changed_at <= ${now.add(clocksDiffer).toString()}::timestamptz
)`;

/** The outcome of a run that found its job running. */
export const stillRunning = ({ slot }: Running): string => `still running for the slot ${slot.toString()}`;

async function whyNot(sql: Sql, { job, slot }: JobSlot): Promise<Beginning> {
  const row = await sql
    .selectFrom('job_runs')
    .select(['status', 'outcome', 'changed_at'])
    .where('job', '=', job)
    .where('slot', '=', slot.toString())
    .executeTakeFirst();
  if (!row) return { kind: 'unclaimed' };
  const { status, outcome, changed_at } = row;
  if (status === 'queued' || status === 'running')
    return { kind: 'busy', until: Temporal.Instant.from(changed_at).add(runDiesAfter) };
  return { kind: 'finished', status, outcome };
}

/** Records a heartbeat. Resolves to false if the run is no longer this caller's. */
export async function keepRunAlive(sql: Sql, run: HeldRun, now: Temporal.Instant): Promise<boolean> {
  const { numUpdatedRows } = await updateHeld(sql, run, { changed_at: now.toString() });
  return numUpdatedRows > 0n;
}

/** `queued`: the run has not ended and will be tried again; the outcome says why. */
export type RunEnd = { status: 'done' | 'failed' | 'queued'; outcome: string };

/** Records the end. A run that another worker has taken over, or that has been finished, stays as it is. */
export async function finishRun(sql: Sql, run: HeldRun, end: RunEnd, now: Temporal.Instant): Promise<void> {
  await updateHeld(sql, run, { ...end, changed_at: now.toString() });
}

/** Rides on the primary key. */
const updateHeld = (
  sql: Sql,
  { job, slot, heldAt }: HeldRun,
  change: Partial<RunEnd> & { changed_at: string },
) =>
  sql
    .updateTable('job_runs')
    .set(change)
    .where('job', '=', job)
    .where('slot', '=', slot.toString())
    .where('status', '=', 'running')
    .where('changed_at', '=', heldAt.toString())
    .executeTakeFirstOrThrow();

export type LatestRun = {
  job: string;
  slot: Temporal.Instant;
  status: string;
  outcome: string | null;
  changedAt: Temporal.Instant;
};

type Row = { job: string; slot: string; status: string; outcome: string | null; changed_at: string };

/**
 * The latest run of each job, by name; a job that has never run has none. Slots later than now are left out. Scans the
 * primary key once.
 */
export async function listRuns(sql: Sql, now: Temporal.Instant): Promise<LatestRun[]> {
  const { rows } = await statement<Row>`
    select distinct on (job) job, slot, status, outcome, changed_at
    from job_runs
    where slot <= ${now.add(clocksDiffer).toString()}::timestamptz
    order by job, slot desc`.execute(sql);
  return rows.map((row) => ({
    job: row.job,
    slot: Temporal.Instant.from(row.slot),
    status: row.status,
    outcome: row.outcome,
    changedAt: Temporal.Instant.from(row.changed_at),
  }));
}

export type SlotsAhead = { jobs: number; latest: Temporal.Instant };

/** The slots later than now, by more than clocks differ; null if there are none. Scans the primary key once. */
export async function findSlotsAhead(sql: Sql, now: Temporal.Instant): Promise<SlotsAhead | null> {
  const { rows } = await statement<{ jobs: number; latest: string | null }>`
    select count(distinct job)::int as jobs, max(slot) as latest
    from job_runs
    where slot > ${now.add(clocksDiffer).toString()}::timestamptz`.execute(sql);
  const [found] = rows;
  return found?.latest ? { jobs: found.jobs, latest: Temporal.Instant.from(found.latest) } : null;
}

/**
 * Deletes runs that ended before `before` and returns their number. The latest run of each job stays, because missed
 * slots are found from it. Scans the primary key once.
 */
export async function deleteOldRuns(sql: Sql, before: Temporal.Instant): Promise<number> {
  const { numAffectedRows } = await statement`
    delete from job_runs r
    where r.status in ('done', 'failed', 'skipped') and r.changed_at < ${before.toString()}
      and exists (select from job_runs later where later.job = r.job and later.slot > r.slot)`.execute(sql);
  return Number(numAffectedRows ?? 0n);
}
