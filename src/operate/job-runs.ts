/**
 * The runs of scheduled jobs: one row for each claimed slot. A worker begins a run, keeps it alive and finishes it;
 * operators list the latest.
 */
import { sql as statement } from 'kysely';
import type { Sql } from '../runtime/database/database.ts';
import type { JobSlot } from './claim-slots.ts';

/** A run without a heartbeat for this long, by the service's clock, is dead: it is enqueued again and taken over. */
export const runDiesAfter = { seconds: 40 } as const;

/** A run that no worker begins for this long is enqueued again, because its queue signal may be lost. */
export const runWaits = { seconds: 20 } as const;

export type Beginning =
  | { kind: 'begun' }
  /** Another worker has it. Without another heartbeat it may be taken over at `until`. */
  | { kind: 'busy'; until: Temporal.Instant }
  | { kind: 'finished'; status: string; outcome: string | null }
  | { kind: 'unclaimed' };

/** Begins a run by compare-and-set on the primary key, so only one of several workers succeeds. */
export async function beginRun(sql: Sql, run: JobSlot, now: Temporal.Instant): Promise<Beginning> {
  const { rows } = await statement`
    update job_runs set status = 'running', changed_at = ${now.toString()}
    where job = ${run.job} and slot = ${run.slot.toString()}
      and (status = 'queued'
        or status = 'running' and changed_at <= ${now.subtract(runDiesAfter).toString()})
    returning job`.execute(sql);
  return rows.length > 0 ? { kind: 'begun' } : whyNot(sql, run);
}

async function whyNot(sql: Sql, { job, slot }: JobSlot): Promise<Beginning> {
  const row = await sql
    .selectFrom('job_runs')
    .select(['status', 'outcome', 'changed_at'])
    .where('job', '=', job)
    .where('slot', '=', slot.toString())
    .executeTakeFirst();
  if (!row) return { kind: 'unclaimed' };
  const { status, outcome, changed_at } = row;
  if (status === 'done' || status === 'failed') return { kind: 'finished', status, outcome };
  return { kind: 'busy', until: Temporal.Instant.from(changed_at).add(runDiesAfter) };
}

/** Records a heartbeat of a run; does nothing if it is no longer running. */
export async function keepRunAlive(sql: Sql, { job, slot }: JobSlot, now: Temporal.Instant): Promise<void> {
  await sql
    .updateTable('job_runs')
    .set({ changed_at: now.toString() })
    .where('job', '=', job)
    .where('slot', '=', slot.toString())
    .where('status', '=', 'running')
    .execute();
}

/** Begins a run whatever the status of the slot's row, and inserts the row if there is none. */
export async function beginRunAnyway(sql: Sql, { job, slot }: JobSlot, now: Temporal.Instant): Promise<void> {
  await sql
    .insertInto('job_runs')
    .values({ job, slot: slot.toString(), status: 'running', outcome: null, changed_at: now.toString() })
    .onConflict((row) =>
      row
        .columns(['job', 'slot'])
        .doUpdateSet({ status: 'running', outcome: null, changed_at: now.toString() }),
    )
    .execute();
}

/** `queued`: the run has not ended and will be tried again; the outcome says why. */
export type RunEnd = { status: 'done' | 'failed' | 'queued'; outcome: string };

/** Rides on the primary key. A run that is no longer running, because another worker finished it, stays as it is. */
export async function finishRun(
  sql: Sql,
  { job, slot }: JobSlot,
  { status, outcome }: RunEnd,
  now: Temporal.Instant,
): Promise<void> {
  await sql
    .updateTable('job_runs')
    .set({ status, outcome, changed_at: now.toString() })
    .where('job', '=', job)
    .where('slot', '=', slot.toString())
    .where('status', '=', 'running')
    .execute();
}

export type LatestRun = {
  job: string;
  slot: Temporal.Instant;
  status: string;
  outcome: string | null;
  changedAt: Temporal.Instant;
};

type Row = { job: string; slot: string; status: string; outcome: string | null; changed_at: string };

/** The latest run of each job, by name; a job that has never run has none. Scans the primary key once. */
export async function listRuns(sql: Sql): Promise<LatestRun[]> {
  const { rows } = await statement<Row>`
    select distinct on (job) job, slot, status, outcome, changed_at
    from job_runs
    order by job, slot desc`.execute(sql);
  return rows.map((row) => ({
    job: row.job,
    slot: Temporal.Instant.from(row.slot),
    status: row.status,
    outcome: row.outcome,
    changedAt: Temporal.Instant.from(row.changed_at),
  }));
}

/**
 * Deletes runs that ended before `before` and returns their number. The latest run of each job stays, because missed
 * slots are found from it. Scans the primary key once.
 */
export async function deleteOldRuns(sql: Sql, before: Temporal.Instant): Promise<number> {
  const { numAffectedRows } = await statement`
    delete from job_runs r
    where r.status in ('done', 'failed') and r.changed_at < ${before.toString()}
      and exists (select from job_runs later where later.job = r.job and later.slot > r.slot)`.execute(sql);
  return Number(numAffectedRows ?? 0n);
}
