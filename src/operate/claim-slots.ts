/**
 * Claims the due slots of scheduled jobs. A claim is a unique row that is inserted once and kept. So exactly one of
 * many schedulers gets a slot, once, whatever their clock skew.
 */
import { sql as statement } from 'kysely';
import { clocksDiffer, dueSlots, type Schedule } from './cron-slots.ts';
import type { Sql } from '../runtime/database/database.ts';

export type JobSlot = { job: string; slot: Temporal.Instant };

/** `ahead`: the latest slot of all, if it is later than now by more than clocks differ. Else null. */
export type Claimed = { slots: JobSlot[]; ahead: JobSlot | null };

/**
 * Claims all slots due at `now` and returns those that this caller got. Slots later than now were claimed by a clock that
 * was ahead. They do not count, or no job would run until then.
 */
export async function claimSlots(
  sql: Sql,
  schedules: readonly Schedule[],
  now: Temporal.Instant,
): Promise<Claimed> {
  const latest = await readLatestSlots(sql, schedules, now);
  const due = schedules.flatMap(({ name, cron, catchUp }) =>
    dueSlots(cron, latest.get(name)?.claimed ?? null, now, catchUp).map((slot) => ({ job: name, slot })),
  );
  return { slots: await insertSlots(sql, due, now), ahead: findAhead(latest, now) };
}

function findAhead(latest: Latest, now: Temporal.Instant): JobSlot | null {
  const bound = now.add(clocksDiffer);
  const newest = [...latest].map(([job, { newest: slot }]) => ({ job, slot }));
  const [furthest] = newest.toSorted((a, b) => Temporal.Instant.compare(b.slot, a.slot));
  return furthest && Temporal.Instant.compare(furthest.slot, bound) > 0 ? furthest : null;
}

async function insertSlots(sql: Sql, due: readonly JobSlot[], now: Temporal.Instant): Promise<JobSlot[]> {
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

/** By job. `claimed`: the latest slot up to now, null if there is none. `newest`: the latest of all. */
type Latest = Map<string, { claimed: Temporal.Instant | null; newest: Temporal.Instant }>;

/** Reads two rows per job backwards in the primary key. */
async function readLatestSlots(
  sql: Sql,
  schedules: readonly Schedule[],
  now: Temporal.Instant,
): Promise<Latest> {
  const { rows } = await statement<{ job: string; claimed: string | null; newest: string }>`
    select job, claimed.slot as claimed, newest.slot as newest
    from unnest(${schedules.map(({ name }) => name)}::text[]) as job
    cross join lateral (
      select slot from job_runs where job_runs.job = job.job order by slot desc limit 1
    ) as newest
    left join lateral (
      select slot from job_runs
      where job_runs.job = job.job and slot <= ${now.toString()}::timestamptz
      order by slot desc limit 1
    ) as claimed on true`.execute(sql);
  return new Map(
    rows.map(({ job, claimed, newest }) => [
      job,
      {
        claimed: claimed === null ? null : Temporal.Instant.from(claimed),
        newest: Temporal.Instant.from(newest),
      },
    ]),
  );
}
