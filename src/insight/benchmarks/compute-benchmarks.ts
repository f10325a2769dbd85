/**
 * Makes a tenant's benchmarks of a month, in one transaction: what people spent under each benchmark key.
 *
 * Who reads a benchmark before and after must not learn what one person did in between. So what is published
 * comes from here alone, a snapshot; and a cohort that may be published replaces what was published before
 * only where it brings news of ten people or more: a figure, or an absence, that no publication of theirs has
 * shown. Then any two publications differ in ten people, also where those in between were taken back. A cohort
 * that falls below ten people leaves the last publication standing, for else the next would be free of it.
 *
 * No category of a month is ever published in two sets of categories, of which one would be the difference:
 * once its key is another, what was published stays as it was, and is told under the new key as it was alone.
 */
import { sql as statement } from 'kysely';
import { publishedFrom } from '../decide/benchmark.ts';
import type { Database, Sql } from '../../runtime/database/database.ts';
import { type CohortMonth, inMonth, measureCohorts, readMonthFactors } from './measure-cohorts.ts';
import { deleteUnpublished, figuresOfCohorts, writeFigures } from './write-benchmarks.ts';
import { counted, knownPeople, writePeople } from './write-benchmark-people.ts';

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
 * The people of a large tenant are grouped in parts that the processor's cache holds: given the memory to do it in
 * one go, it takes a fifth longer. They are never joined one by one, which the planner takes for cheap where it has
 * not seen yet how many there are; so it is shown each month, rather than to plan for any.
 */
async function planForMany(sql: Sql): Promise<void> {
  await statement`
    select set_config('work_mem', '8MB', true), set_config('enable_nestloop', 'off', true),
      set_config('plan_cache_mode', 'force_custom_plan', true)`.execute(sql);
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
    known as materialized (${knownPeople(at)}),
    different as materialized (${different}),
    news as materialized (${news}),
    due as materialized (${due(at)}),
    ${figuresOfCohorts},
    counted as not materialized (${counted}),
    saved as (${writeFigures(at, now)}),
    people as (${writePeople(at)}),
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

/**
 * For each cohort what it is to be held against: its own publication, and others of any of its categories.
 * `is_regrouped`: one that is not of these categories, or of some and more of the same key.
 */
const rivals = ({ tenantId, month }: CohortMonth) => statement`
  select c.benchmark_key, b.benchmark_key as rival_key, b.currency,
    b.benchmark_key <> c.benchmark_key or not b.category_ids <@ c.category_ids as is_regrouped
  from cohorts c
  join spending_benchmarks b on b.tenant_id = ${tenantId} and b.month = ${month}::date
    and (b.benchmark_key = c.benchmark_key or b.category_ids && c.category_ids)
  where b.cohort_size >= ${publishedFrom}`;

/** Who counts otherwise in a cohort than in the publication it is held against; `spent_minor` null: not at all. */
const different = statement`
  select benchmark_key, rival_key, user_id, ours.spent_minor
  from (
    select r.benchmark_key, r.rival_key, s.user_id, s.spent_minor
    from rivals r join spent s on s.benchmark_key = r.benchmark_key
  ) ours
  full join (
    select r.benchmark_key, r.rival_key, k.user_id, k.spent_minor
    from rivals r join known k on k.benchmark_key = r.rival_key
    where k.percentile_rank is not null
  ) theirs using (benchmark_key, rival_key, user_id)
  where ours.spent_minor is distinct from theirs.spent_minor`;

/** Of how many of them that is news: none, where all that differs was shown. No row: nobody differs. */
const news = statement`
  select d.benchmark_key, d.rival_key, count(*) filter (where k.user_id is null) as people
  from different d
  left join known k on k.benchmark_key = d.rival_key and k.user_id = d.user_id
    and case
      when d.spent_minor is null then k.spent_minor is null
      else abs(k.spent_minor - d.spent_minor) * 100 < ${newsFromPct} * k.spent_minor
    end
  group by d.benchmark_key, d.rival_key`;

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
      left join news n using (benchmark_key, rival_key)
      where r.benchmark_key = c.benchmark_key
        and (r.currency <> ${currency}
          or n.people < ${publishedFrom}
          or n.people is not null and r.is_regrouped
          or n.people is null and r.rival_key = c.benchmark_key)
    )
  end`;
