/**
 * The runs of scheduled jobs: one row for each slot that a clock claimed. A worker begins a run, keeps it alive and
 * finishes it; operators list the latest.
 */
import { sql as statement } from 'kysely';
import type { Sql } from '../runtime/database/database.ts';
import type { JobSlot } from './claim-slots.ts';

/** A run not heard of for this long, by the service's clock, has died: it is rung for again and taken over. */
export const runDiesAfter = { seconds: 40 } as const;

/** A run that nobody has begun for this long is rung for again: its ring may be lost. */
export const runWaits = { seconds: 20 } as const;

export type Beginning =
  | { kind: 'begun' }
  /** Another worker has it; unless heard of again, it may be taken over at `until`. */
  | { kind: 'busy'; until: Temporal.Instant }
  | { kind: 'finished'; status: string; outcome: string | null }
  | { kind: 'unclaimed' };

/** Compare-and-set on the primary key: of several that try, one begins. */
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

/** Says that a run is still alive; nothing where it is no longer running. */
export async function keepRunAlive(sql: Sql, { job, slot }: JobSlot, now: Temporal.Instant): Promise<void> {
  await sql
    .updateTable('job_runs')
    .set({ changed_at: now.toString() })
    .where('job', '=', job)
    .where('slot', '=', slot.toString())
    .where('status', '=', 'running')
    .execute();
}

/** Begins a run whatever the slot's row says, and where it has none makes it. */
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

/** `queued`: not ended, it will be tried again; the outcome says why. */
export type RunEnd = { status: 'done' | 'failed' | 'queued'; outcome: string };

/** On the primary key. A run that is not running, because another has finished it, stays as it is. */
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

/** By job's name; a job that has never run has no entry. Reads the primary key once through. */
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
 * Deletes runs that ended before `before` and answers how many. The latest run of each job stays, as missed slots are
 * found by it. Reads the primary key once through.
 */
export async function deleteOldRuns(sql: Sql, before: Temporal.Instant): Promise<number> {
  const { numAffectedRows } = await statement`
    delete from job_runs r
    where r.status in ('done', 'failed') and r.changed_at < ${before.toString()}
      and exists (select from job_runs later where later.job = r.job and later.slot > r.slot)`.execute(sql);
  return Number(numAffectedRows ?? 0n);
}
