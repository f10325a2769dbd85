/** The latest run of each scheduled job, for operators. */
import { sql as statement } from 'kysely';
import type { Sql } from '../database.ts';

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
