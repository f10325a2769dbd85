/**
 * Computes a tenant's benchmarks of a month in one transaction, from people's spending under each benchmark
 * key.
 *
 * Readers of two publications must not learn what one person did in between (k-anonymity, k = 10). Published
 * figures therefore come from this snapshot alone. A publication is replaced only if the figures of at least
 * ten people are news. News is a figure or an absence that no publication of the person has shown. So any two
 * publications differ by ten people, even if changes in between were reverted. A cohort that falls below ten
 * people keeps its last publication. Otherwise the next publication would not be compared with it.
 *
 * A category of a month is never published in two different sets of categories, because their difference
 * would reveal it. When its key changes, the old publication stays. Under the new key it is published only
 * with the same people and figures.
 */
import { sql as statement } from 'kysely';
import { publishedFrom } from '../decide/benchmark.ts';
import type { Database, Sql } from '../../runtime/database/database.ts';
import { type CohortMonth, inMonth, measureCohorts, readMonthFactors } from './measure-cohorts.ts';
import { deleteUnpublished, figuresOfCohorts, writeFigures } from './write-benchmarks.ts';
import { counted, knownPeople, writePeople } from './write-benchmark-people.ts';

/**
 * A figure that changed by less than 1 % is no news, so that changes of cents do not count towards the ten
 * people.
 */
const newsFromPct = 1;

/**
 * `month` is its first day. Returns the number of benchmarks written. Concurrent runs take turns, and the
 * second finds nothing to do. Rides on the primary keys and the indexes of `measureCohorts`.
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

/**
 * True if nobody spent anything and no benchmark exists. Most months of a new tenant are empty. Rides on
 * `daily_spend_day`.
 */
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
 * Settings for a large tenant. 8 MB lets the grouping work in parts that fit the processor's cache; grouping
 * all at once takes a fifth longer. Nested loops are off, because the planner underestimates the number of
 * people before it has statistics. A custom plan is made for each month.
 */
async function planForMany(sql: Sql): Promise<void> {
  await statement`
    select set_config('work_mem', '8MB', true), set_config('enable_nestloop', 'off', true),
      set_config('plan_cache_mode', 'force_custom_plan', true)`.execute(sql);
}

/** Null if the tenant does not exist. This lock still lets others write rows that refer to the tenant. */
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

/** The cohorts with their categories. Sorting people by `number` is faster than by the key. */
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
 * The publications that each cohort is compared with: its own, and others that share a category.
 * `is_regrouped` marks a publication under another key or with a category that the cohort lacks.
 */
const rivals = ({ tenantId, month }: CohortMonth) => statement`
  select c.benchmark_key, b.benchmark_key as rival_key, b.currency,
    b.benchmark_key <> c.benchmark_key or not b.category_ids <@ c.category_ids as is_regrouped
  from cohorts c
  join spending_benchmarks b on b.tenant_id = ${tenantId} and b.month = ${month}::date
    and (b.benchmark_key = c.benchmark_key or b.category_ids && c.category_ids)
  where b.cohort_size >= ${publishedFrom}`;

/**
 * The people whose figures differ between a cohort and a publication. A null `spent_minor` means that the
 * cohort lacks the person.
 */
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

/**
 * Counts the people whose difference is news. It is 0 if everything was shown before. There is no row if
 * nobody differs.
 */
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
 * The cohorts to write. A cohort equal to a publication under another key reveals nothing new there. A
 * publication in another currency stays. At known rates, new figures would show the same people again and
 * reveal who changed.
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
