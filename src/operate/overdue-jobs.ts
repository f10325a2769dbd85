/**
 * Finds the scheduled jobs that do not run. A job is judged by its last run that ended, because a claimed slot says only
 * that a clock works. Skipped runs do not count.
 */
import { sql as statement } from 'kysely';
import type { Clock } from '../runtime/clock.ts';
import type { Database, Sql } from '../runtime/database/database.ts';
import { clocksDiffer, intervalOf, type Schedule } from './cron-slots.ts';

export type LastEnd = {
  job: string;
  /** Null if no run has ended yet. */
  ended: { status: 'done' | 'failed'; at: Temporal.Instant } | null;
  /** No run has ended for three intervals of the job. Before its first end: none since its first slot. */
  isOverdue: boolean;
};

const intervals = 3;
/** A killed run keeps its job from running for 40 seconds, which is three intervals of the most frequent one. */
const atLeastMs = 120_000;

type Row = {
  job: string;
  status: 'done' | 'failed' | null;
  changed_at: string | null;
  first_slot: string | null;
};

/** One for each schedule, in their order. Reads a few rows of each job in the primary key. */
export async function listLastEnds(
  sql: Sql,
  schedules: readonly Schedule[],
  now: Temporal.Instant,
): Promise<LastEnd[]> {
  const { rows } = await statement<Row>`
    select named.job, ended.status, ended.changed_at, first.slot as first_slot
    from unnest(${schedules.map(({ name }) => name)}::text[]) as named (job)
    left join lateral (
      select status, changed_at from job_runs r
      where r.job = named.job and r.status in ('done', 'failed')
        and r.slot <= ${now.add(clocksDiffer).toString()}::timestamptz
      order by r.slot desc limit 1
    ) as ended on true
    left join lateral (
      select slot from job_runs r where r.job = named.job order by slot limit 1
    ) as first on true`.execute(sql);
  const byJob = new Map(rows.map((row) => [row.job, row]));
  return schedules.map((schedule) => lastEndOf(schedule, byJob.get(schedule.name), now));
}

function lastEndOf({ name: job, cron }: Schedule, row: Row | undefined, now: Temporal.Instant): LastEnd {
  const since = row?.changed_at ?? row?.first_slot ?? null;
  const restsAtMostMs = Math.max(atLeastMs, intervals * intervalOf(cron, now));
  const restsMs =
    since === null ? Infinity : now.epochMilliseconds - Temporal.Instant.from(since).epochMilliseconds;
  const ended =
    row?.status && row.changed_at ? { status: row.status, at: Temporal.Instant.from(row.changed_at) } : null;
  return { job, ended, isOverdue: restsMs > restsAtMostMs };
}

/**
 * Returns a function that says why jobs do not run, and null if they do. For two minutes after the call it says nothing:
 * by then a clock that starts beside this process has its jobs run.
 */
export function watchJobs(
  { db, clock }: { db: Pick<Database, 'sql'>; clock: Clock },
  schedules: readonly Schedule[],
): () => Promise<string | null> {
  const graceEnds = clock.now().add({ milliseconds: atLeastMs });
  return async () => {
    const now = clock.now();
    if (Temporal.Instant.compare(now, graceEnds) < 0) return null;
    const overdue = (await listLastEnds(db.sql, schedules, now)).filter(({ isOverdue }) => isOverdue);
    if (overdue.length === 0) return null;
    return `no run has ended for three intervals: ${overdue.map(({ job }) => job).join(', ')}`;
  };
}
