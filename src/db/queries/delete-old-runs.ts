/** Forgets runs of scheduled jobs that ended long ago. The latest of each job stays: what was missed is found by it. */
import { sql as statement } from 'kysely';
import type { Sql } from '../database.ts';

/** Answers how many. Reads the primary key once through. */
export async function deleteOldRuns(sql: Sql, before: Temporal.Instant): Promise<number> {
  const { numAffectedRows } = await statement`
    delete from job_runs r
    where r.status in ('done', 'failed') and r.changed_at < ${before.toString()}
      and exists (select from job_runs later where later.job = r.job and later.slot > r.slot)`.execute(sql);
  return Number(numAffectedRows ?? 0n);
}
