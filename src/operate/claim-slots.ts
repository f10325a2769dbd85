/**
 * Claims the due slots of scheduled jobs. A claim is a unique row that is inserted once and kept. So exactly one of
 * many schedulers gets a slot, once, whatever their clock skew.
 */
import { sql as statement } from 'kysely';
import { dueSlots, type Schedule } from './cron-slots.ts';
import type { Sql } from '../runtime/database/database.ts';

export type JobSlot = { job: string; slot: Temporal.Instant };

/** Claims all slots due at `now` and returns those that this caller got. */
export async function claimSlots(
  sql: Sql,
  schedules: readonly Schedule[],
  now: Temporal.Instant,
): Promise<JobSlot[]> {
  const latest = await readLatestSlots(sql, schedules);
  const due = schedules.flatMap(({ name, cron, catchUp }) =>
    dueSlots(cron, latest.get(name) ?? null, now, catchUp).map((slot) => ({ job: name, slot })),
  );
  if (due.length === 0) return [];
  // Every scheduler inserts in the same order, so two of them cannot deadlock.
  const { rows } = await statement<{ job: string; slot: string }>`
    insert into job_runs (job, slot, status, changed_at)
    select job, slot, 'queued', ${now.toString()}::timestamptz
    from unnest(
      ${due.map(({ job }) => job)}::text[],
      ${due.map(({ slot }) => slot.toString())}::timestamptz[]
    ) as due (job, slot)
    on conflict do nothing
    returning job, slot`.execute(sql);
  return rows.map(({ job, slot }) => ({ job, slot: Temporal.Instant.from(slot) }));
}

/** Reads one row per job backwards in the primary key. */
async function readLatestSlots(
  sql: Sql,
  schedules: readonly Schedule[],
): Promise<Map<string, Temporal.Instant>> {
  const { rows } = await statement<{ job: string; slot: string }>`
    select job, latest.slot
    from unnest(${schedules.map(({ name }) => name)}::text[]) as job
    cross join lateral (
      select slot from job_runs where job_runs.job = job.job order by slot desc limit 1
    ) as latest`.execute(sql);
  return new Map(rows.map(({ job, slot }) => [job, Temporal.Instant.from(slot)]));
}
