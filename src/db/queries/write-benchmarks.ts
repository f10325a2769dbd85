/**
 * The figures of the cohorts that are `due`, and where they are kept: parts of the statement of
 * `compute-benchmarks`, which has the people of every cohort in `spent`. All of it is `numeric`, exact but for
 * roots and for divisions, which keep twenty decimals of a minor unit.
 */
import { sql as statement } from 'kysely';
import { publishedFrom } from '../../domain/insight/benchmark.ts';
import type { CohortMonth } from './measure-cohorts.ts';

/**
 * Linear interpolation between the two nearest, at (n - 1) * percent / 100 from the first: type 7 of Hyndman
 * and Fan, "Sample Quantiles in Statistical Packages" (1996). `place` counts from one.
 */
const percentile = (percent: number) => statement`sum(spent_minor * case place
    when (cohort_size - 1) * ${percent}::int / 100 + 1 then 100 - (cohort_size - 1) * ${percent}::int % 100
    when (cohort_size - 1) * ${percent}::int / 100 + 2 then (cohort_size - 1) * ${percent}::int % 100
  end) * 0.01`;

/** `below` and `equal`: how many people spent less, and as much, themselves among them. */
export const figuresOfCohorts = statement`
  ranked as materialized (
    select benchmark_key, s.user_id, s.spent_minor, d.cohort_size::bigint as cohort_size,
      row_number() over sorted as place,
      rank() over sorted - 1 as below,
      count(*) over (partition by d.number, s.spent_minor) as equal
    from spent s join due d using (benchmark_key)
    window sorted as (partition by d.number order by s.spent_minor)
  ),
  figures as (
    select benchmark_key,
      round(sum(spent_minor), 20) / count(*) as mean,
      stddev_samp(round(spent_minor, 10)) as standard_deviation,
      ${percentile(10)} as p10, ${percentile(25)} as p25, ${percentile(50)} as median,
      ${percentile(75)} as p75, ${percentile(90)} as p90
    from ranked
    group by benchmark_key
  )`;

/** What comes out as it was is left as it was. */
export const writeFigures = ({ tenantId, month, currency }: CohortMonth, now: Temporal.Instant) => statement`
  insert into spending_benchmarks as known (tenant_id, benchmark_key, month, currency, category_ids,
    cohort_size, mean, standard_deviation, p10, p25, median, p75, p90, updated_at)
  select ${tenantId}::uuid, benchmark_key, ${month}::date, ${currency}, d.category_ids,
    d.cohort_size, mean, standard_deviation, p10, p25, median, p75, p90, ${now.toString()}::timestamptz
  from figures join due d using (benchmark_key)
  on conflict (tenant_id, benchmark_key, month) do update
  set (currency, category_ids, cohort_size, mean, standard_deviation, p10, p25, median, p75, p90, updated_at)
    = (excluded.currency, excluded.category_ids, excluded.cohort_size, excluded.mean,
      excluded.standard_deviation, excluded.p10, excluded.p25, excluded.median, excluded.p75, excluded.p90,
      excluded.updated_at)
  where (known.currency, known.category_ids, known.cohort_size, known.mean, known.standard_deviation, known.p10,
      known.p25, known.median, known.p75, known.p90)
    is distinct from (excluded.currency, excluded.category_ids, excluded.cohort_size, excluded.mean,
      excluded.standard_deviation, excluded.p10, excluded.p25, excluded.median, excluded.p75, excluded.p90)
  returning benchmark_key`;

const rank = statement`round(50 * (2 * r.below + r.equal), 20) / r.cohort_size`;

/** Of the person of `r`, in the same benchmark, as it was. */
const isKnownAs = (alias: string, { tenantId, month }: CohortMonth) => statement`
  ${statement.ref(alias)}.tenant_id = ${tenantId} and ${statement.ref(alias)}.month = ${month}::date
    and ${statement.ref(alias)}.benchmark_key = r.benchmark_key and ${statement.ref(alias)}.user_id = r.user_id`;

/**
 * Those who are new to what is published. A person's rank is the mid-rank: as if half of those who spent as much
 * had spent less. Who joins what was published before was absent from that.
 */
export const writePeople = (at: CohortMonth) => statement`
  insert into benchmark_people (tenant_id, benchmark_key, month, user_id, spent_minor, percentile_rank, published)
  select ${at.tenantId}::uuid, r.benchmark_key, ${at.month}::date, r.user_id, r.spent_minor, ${rank},
    case when b.cohort_size >= ${publishedFrom} then array[null, r.spent_minor] else array[r.spent_minor] end
  from ranked r
  left join spending_benchmarks b
    on b.tenant_id = ${at.tenantId} and b.benchmark_key = r.benchmark_key and b.month = ${at.month}::date
  where r.cohort_size >= ${publishedFrom}
    and not exists (select from benchmark_people p where ${isKnownAs('p', at)})`;

/** Those who were in it before, or had been. */
export const writeKnownPeople = (at: CohortMonth) => statement`
  update benchmark_people p
  set spent_minor = r.spent_minor, percentile_rank = ${rank},
    published = case when array_position(p.published, r.spent_minor) is null
      then p.published || r.spent_minor else p.published end
  from ranked r
  where r.cohort_size >= ${publishedFrom} and ${isKnownAs('p', at)}`;

/** Those who were in what was published, and are no longer. */
export const writeAbsences = ({ tenantId, month }: CohortMonth) => statement`
  update benchmark_people p
  set spent_minor = null, percentile_rank = null,
    published = case when array_position(p.published, null) is null
      then p.published || null::numeric else p.published end
  where p.tenant_id = ${tenantId} and p.month = ${month}::date and p.spent_minor is not null
    and p.benchmark_key in (select benchmark_key from due where cohort_size >= ${publishedFrom})
    and not exists (select from spent s where s.benchmark_key = p.benchmark_key and s.user_id = p.user_id)`;

/** What was too small to be published goes with its last person. */
export const deleteUnpublished = ({ tenantId, month }: CohortMonth) => statement`
  delete from spending_benchmarks b
  where b.tenant_id = ${tenantId} and b.month = ${month}::date and b.cohort_size < ${publishedFrom}
    and not exists (select from cohorts c where c.benchmark_key = b.benchmark_key)`;
