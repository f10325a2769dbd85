/**
 * Parts of the statement of `compute-benchmarks` that compute and store the figures of the `due` cohorts.
 * `spent` has the people of every cohort. Everything is `numeric` and exact, except roots and divisions.
 * Divisions keep twenty decimals of a minor unit.
 */
import { sql as statement } from 'kysely';
import { publishedFrom } from '../decide/benchmark.ts';
import type { CohortMonth } from './measure-cohorts.ts';

/**
 * Linear interpolation between the two values nearest to position (n - 1) * percent / 100, counted from zero.
 * Each is weighted by its nearness. This is type 7 in Hyndman and Fan, "Sample Quantiles in Statistical
 * Packages" (1996). `place` counts from one.
 */
const percentile = (percent: number) => {
  const distance = statement`abs((place - 1) * 100 - (cohort_size - 1) * ${percent}::int)`;
  return statement`sum(spent_minor * (100 - ${distance})) filter (where ${distance} < 100) * 0.01`;
};

/** `below` counts the people who spent less. `equal` counts those who spent as much, the person included. */
export const figuresOfCohorts = statement`
  ranked as materialized (
    select benchmark_key, s.user_id, s.spent_minor, d.cohort_size::bigint as cohort_size,
      row_number() over sorted as place,
      rank() over sorted - 1 as below,
      count(*) over sorted as equal
    from spent s join due d using (benchmark_key)
    window sorted as (partition by d.number order by s.spent_minor range between current row and current row)
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

/** An unchanged row is not written. */
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

/** Deletes a benchmark that was too small to be published and has no people left. */
export const deleteUnpublished = ({ tenantId, month }: CohortMonth) => statement`
  delete from spending_benchmarks b
  where b.tenant_id = ${tenantId} and b.month = ${month}::date and b.cohort_size < ${publishedFrom}
    and not exists (select from cohorts c where c.benchmark_key = b.benchmark_key)`;
