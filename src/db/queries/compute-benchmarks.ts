/**
 * Makes a tenant's benchmarks of a month, in one transaction: what people spent under each benchmark key.
 *
 * Who reads a benchmark before and after must not learn what one person did in between. So what is published
 * comes from here alone, a snapshot; and a cohort that may be published replaces what was published before
 * only where it brings news of ten people or more: a figure, or an absence, that no publication of theirs has
 * shown. Then any two publications differ in ten people, also where those in between were taken back. The
 * same holds against what was published of the same categories under another key. A cohort that falls below
 * ten people leaves the last publication standing, for else the next would be free of it.
 */
import { sql as statement } from 'kysely';
import { publishedFrom } from '../../domain/insight/benchmark.ts';
import type { Database, Sql } from '../database.ts';
import { type CohortMonth, inMonth, measureCohorts, readMonthFactors } from './measure-cohorts.ts';
import {
  figuresOfCohorts,
  deleteUnpublished,
  writeAbsences,
  writeFigures,
  writeKnownPeople,
  writePeople,
} from './write-benchmarks.ts';

/** A figure that is off by less than a hundredth is no news: nobody hides behind cents. */
const newsFromPct = 1;

/**
 * `month`: its first day. Answers how many benchmarks were made, or made anew. Two runs at once take their
 * turn, and the second finds nothing to do. Rides on the primary keys, and what `measureCohorts` rides on.
 */
export async function computeBenchmarks(
  db: Database,
  tenantId: string,
  month: string,
  now: Temporal.Instant,
): Promise<number> {
  return db.transaction([tenantId], async (sql) => {
    await planForMany(sql);
    const currency = await lockTenant(sql, tenantId);
    if (currency === null || (await isEmpty(sql, tenantId, month))) return 0;
    return makeBenchmarks(sql, { tenantId, month, currency }, now);
  });
}

/** Nobody spent anything, and nothing is known of it: so are most months of who is new. Rides on `daily_spend_day`. */
async function isEmpty(sql: Sql, tenantId: string, month: string): Promise<boolean> {
  const { rows } = await statement<{ is_empty: boolean }>`
    select not exists (
        select from daily_spend d where d.tenant_id = ${tenantId} and ${inMonth(statement`d.day`, month)}
      ) and not exists (
        select from spending_benchmarks b where b.tenant_id = ${tenantId} and b.month = ${month}::date
      ) as is_empty`.execute(sql);
  return rows[0]?.is_empty ?? true;
}

/**
 * The people of a large tenant are sorted and joined in memory, the database's own bound being for requests; and
 * never one by one, which the planner takes for cheap where it has not seen yet how many there are.
 */
async function planForMany(sql: Sql): Promise<void> {
  await statement`
    select set_config('work_mem', '64MB', true), set_config('enable_nestloop', 'off', true)`.execute(sql);
}

/** Null: there is no such tenant. Rows that refer to it can be written meanwhile. */
async function lockTenant(sql: Sql, tenantId: string): Promise<string | null> {
  const { rows } = await statement<{ currency: string }>`
    select currency from tenants where id = ${tenantId} for no key update`.execute(sql);
  return rows[0]?.currency ?? null;
}

async function makeBenchmarks(sql: Sql, at: CohortMonth, now: Temporal.Instant): Promise<number> {
  const factors = await readMonthFactors(sql, at);
  const { rows } = await statement<{ made: number }>`
    with spent as materialized (${measureCohorts(at, factors)}),
    cohorts as materialized (${cohorts(at)}),
    rivals as materialized (${rivals(at)}),
    news as materialized (${news(at)}),
    due as materialized (${due(at)}),
    ${figuresOfCohorts},
    saved as (${writeFigures(at, now)}),
    people as (${writePeople(at)}),
    known_people as (${writeKnownPeople(at)}),
    absences as (${writeAbsences(at)}),
    removed as (${deleteUnpublished(at)})
    select count(*)::int as made from saved`.execute(sql);
  return rows[0]?.made ?? 0;
}

/** With the categories each stands for. `number`: what people are sorted by, faster than by the key. */
const cohorts = ({ tenantId }: CohortMonth) => statement`
  select s.benchmark_key, row_number() over ()::int as number, s.cohort_size,
    coalesce(c.category_ids, array[s.benchmark_key]) as category_ids
  from (select benchmark_key, count(*)::int as cohort_size from spent group by benchmark_key) s
  left join (
    select coalesce(benchmark_key, id) as benchmark_key, array_agg(id order by id) as category_ids
    from categories where tenant_id = ${tenantId}
    group by 1
  ) c using (benchmark_key)`;

/** For each cohort what it is to be held against: its own publication, and others of any of its categories. */
const rivals = ({ tenantId, month }: CohortMonth) => statement`
  select c.benchmark_key, b.benchmark_key as rival_key, b.currency
  from cohorts c
  join spending_benchmarks b on b.tenant_id = ${tenantId} and b.month = ${month}::date
    and (b.benchmark_key = c.benchmark_key or b.category_ids && c.category_ids)
  where b.cohort_size >= ${publishedFrom}`;

/** Of how many people a cohort brings news; how many differ at all from what is published now. */
const news = ({ tenantId, month }: CohortMonth) => statement`
  select benchmark_key, rival_key,
    count(*) filter (where case
      when ours.spent_minor is not distinct from theirs.spent_minor then false
      when ours.spent_minor is null then array_position(theirs.published, null) is null
      else not exists (
        select from unnest(theirs.published) as known (minor)
        where abs(known.minor - ours.spent_minor) * 100 < ${newsFromPct} * known.minor
      )
    end) as people,
    count(*) filter (where ours.spent_minor is distinct from theirs.spent_minor) as different
  from (
    select r.benchmark_key, r.rival_key, s.user_id, s.spent_minor
    from rivals r join spent s on s.benchmark_key = r.benchmark_key
  ) ours
  full join (
    select r.benchmark_key, r.rival_key, p.user_id, p.spent_minor, p.published
    from rivals r
    join benchmark_people p on p.tenant_id = ${tenantId} and p.benchmark_key = r.rival_key
      and p.month = ${month}::date
  ) theirs using (benchmark_key, rival_key, user_id)
  group by benchmark_key, rival_key`;

/**
 * The cohorts to be written. One that is the same under another key says nothing new there. What was published
 * in another currency stays: at known rates it would tell the same people again, and who has changed.
 */
const due = ({ currency }: CohortMonth) => statement`
  select c.*
  from cohorts c
  where case
    when c.cohort_size < ${publishedFrom}
    then not exists (select from rivals r where r.rival_key = c.benchmark_key)
    else not exists (
      select from rivals r
      join news n using (benchmark_key, rival_key)
      where r.benchmark_key = c.benchmark_key
        and (r.currency <> ${currency}
          or n.people < ${publishedFrom} and (n.different > 0 or r.rival_key = c.benchmark_key))
    )
  end`;
