/**
 * Parts of the statement of `compute-benchmarks` that record whose spending went into a publication. There is
 * one row per person and month, with arrays. A row per person and benchmark would cost more to write than all
 * figures to compute.
 */
import { sql as statement } from 'kysely';
import { publishedFrom } from '../decide/benchmark.ts';
import type { CohortMonth } from './measure-cohorts.ts';

/**
 * Every figure of a person that ever went into a publication. A null `spent_minor` records a publication
 * without the person. The rank is set for the current publication and null for earlier ones.
 */
export const knownPeople = ({ tenantId, month }: CohortMonth) => statement`
  select user_id, unnest(benchmark_keys) as benchmark_key, unnest(spent_minor) as spent_minor,
    unnest(percentile_ranks) as percentile_rank
  from benchmark_people
  where tenant_id = ${tenantId} and month = ${month}::date`;

/**
 * The people in the current publication. The rank is the mid-rank: people with equal spending count half as
 * if they had spent less.
 */
export const counted = statement`
  select user_id, benchmark_key, spent_minor,
    round(50 * (2 * below + equal), 20) / cohort_size as percentile_rank
  from ranked
  where cohort_size >= ${publishedFrom}`;

/** Keeps earlier figures beside the current one. A person who left the cohort has no rank any more. */
export const writePeople = ({ tenantId, month }: CohortMonth) => statement`
  insert into benchmark_people (tenant_id, month, user_id, benchmark_keys, spent_minor, percentile_ranks)
  select ${tenantId}::uuid, ${month}::date, user_id, array_agg(benchmark_key), array_agg(spent_minor),
    array_agg(percentile_rank)
  from (
    select user_id, benchmark_key, spent_minor, percentile_rank from counted
    union all ${joined}
    union all ${kept}
  ) figures
  group by user_id
  on conflict (tenant_id, month, user_id) do update
  set (benchmark_keys, spent_minor, percentile_ranks)
    = (excluded.benchmark_keys, excluded.spent_minor, excluded.percentile_ranks)`;

/** Records the earlier absence of people who join a cohort that was published before. */
const joined = statement`
  select c.user_id, c.benchmark_key, null, null
  from counted c
  where c.benchmark_key in (select rival_key from rivals)
    and not exists (
      select from known k
      where k.benchmark_key = c.benchmark_key and k.user_id = c.user_id
        and (k.percentile_rank is not null or k.spent_minor is null)
    )`;

/**
 * The known figures of everybody whose figures change. The rank is dropped where a new publication replaces
 * the old one.
 */
const kept = statement`
  select k.user_id, k.benchmark_key, k.spent_minor,
    case when d.benchmark_key is null then k.percentile_rank end
  from known k
  left join due d on d.benchmark_key = k.benchmark_key and d.cohort_size >= ${publishedFrom}
  where k.user_id in (
      select user_id from counted
      union all
      select p.user_id from known p join due using (benchmark_key)
      where p.percentile_rank is not null and cohort_size >= ${publishedFrom}
    )
    and not exists (
      select from counted c
      where c.benchmark_key = k.benchmark_key and c.user_id = k.user_id and c.spent_minor = k.spent_minor
    )`;
