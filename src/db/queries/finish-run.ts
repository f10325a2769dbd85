/** Records how a run of a scheduled job ended, or that it is to be tried again. */
import type { Sql } from '../database.ts';
import type { JobSlot } from './claim-slots.ts';

/** `queued`: not ended, it will be tried again; the outcome says why. */
type RunEnd = { status: 'done' | 'failed' | 'queued'; outcome: string };

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
