/** Reads stored benchmarks. `decide/benchmark.ts` decides which figures are published. */
import { sql as statement } from 'kysely';
import { comparedMonths, type StoredBenchmark } from '../decide/benchmark.ts';
import type { Sql } from '../../runtime/database/database.ts';
import type { PersonRef } from '../../values/refs.ts';

/** True if a benchmark `b` still represents its key: none of its categories has moved to another key. */
export const isOfItsKey = statement`not exists (
  select from categories k
  where k.tenant_id = b.tenant_id and k.id = any(b.category_ids)
    and coalesce(k.benchmark_key, k.id) <> b.benchmark_key
)`;

/** `version` changes whenever a row that the benchmark is read from changes. */
type BenchmarkVersion = { benchmarkKey: string; month: string; version: string };

/**
 * The version of a category's benchmark of `month`, or of its latest if `month` is null. It covers the months
 * it is compared with. Null if there is no benchmark. Rides on the primary keys.
 */
export async function readBenchmarkVersion(
  sql: Sql,
  tenantId: string,
  categoryId: string,
  month: string | null,
): Promise<BenchmarkVersion | null> {
  const { rows } = await statement<BenchmarkVersion>`
    select c.benchmark_key as "benchmarkKey", latest.month,
      string_agg(c.benchmark_key || ' ' || b.month || ' ' || b.xmin, ',' order by b.month) as version
    from (
      select tenant_id, coalesce(benchmark_key, id) as benchmark_key
      from categories where tenant_id = ${tenantId} and id = ${categoryId}
    ) c
    cross join lateral (
      select max(b.month) as month
      from spending_benchmarks b
      where b.tenant_id = c.tenant_id and b.benchmark_key = c.benchmark_key
        and (${month}::date is null or b.month = ${month}::date) and ${isOfItsKey}
    ) latest
    join spending_benchmarks b on b.tenant_id = c.tenant_id and b.benchmark_key = c.benchmark_key
      and b.month in (latest.month, (latest.month - interval '1 month')::date,
        (latest.month - interval '1 year')::date) and ${isOfItsKey}
    group by c.benchmark_key, latest.month`.execute(sql);
  return rows[0] ?? null;
}

const columns = statement`b.month, b.currency, b.cohort_size as "cohortSize", b.mean,
  b.standard_deviation as "standardDeviation", b.p10, b.p25, b.median, b.p75, b.p90, b.updated_at as "updatedAt"`;

/** Reads `month`, given by its first day, and the months it is compared with. Rides on the primary key. */
export async function readBenchmarks(
  sql: Sql,
  tenantId: string,
  benchmarkKey: string,
  month: string,
): Promise<StoredBenchmark[]> {
  const { before, yearBefore } = comparedMonths(month);
  const { rows } = await statement<StoredBenchmark>`
    select ${columns}
    from spending_benchmarks b
    where b.tenant_id = ${tenantId} and b.benchmark_key = ${benchmarkKey}
      and b.month = any(${[month, before, yearBefore]}::date[]) and ${isOfItsKey}`.execute(sql);
  return rows;
}

type KeyBenchmark = StoredBenchmark & { benchmarkKey: string; percentileRank: string | null };

/**
 * Reads `month` and the months it is compared with, under each of `benchmarkKeys`, with the person's own
 * rank. Rides on the primary keys.
 */
export async function readOwnBenchmarks(
  sql: Sql,
  { tenantId, userId }: PersonRef,
  benchmarkKeys: readonly string[],
  month: string,
): Promise<KeyBenchmark[]> {
  const { before, yearBefore } = comparedMonths(month);
  const { rows } = await statement<KeyBenchmark>`
    select ${columns}, b.benchmark_key as "benchmarkKey", (
        select own.percentile_rank
        from benchmark_people p
        cross join unnest(p.benchmark_keys, p.percentile_ranks) as own (benchmark_key, percentile_rank)
        where p.tenant_id = b.tenant_id and p.month = b.month and p.user_id = ${userId}
          and own.benchmark_key = b.benchmark_key and own.percentile_rank is not null
      ) as "percentileRank"
    from spending_benchmarks b
    where b.tenant_id = ${tenantId} and b.benchmark_key = any(${[...benchmarkKeys]}::text[])
      and b.month = any(${[month, before, yearBefore]}::date[]) and ${isOfItsKey}`.execute(sql);
  return rows;
}

/**
 * The person's exact percentile rank in the publication. Null if they are not in it. Rides on the primary
 * key.
 */
export async function readPercentileRank(
  sql: Sql,
  { tenantId, userId }: PersonRef,
  { benchmarkKey, month }: { benchmarkKey: string; month: string },
): Promise<string | null> {
  const { rows } = await statement<{ rank: string | null }>`
    select own.percentile_rank as rank
    from benchmark_people p
    cross join unnest(p.benchmark_keys, p.percentile_ranks) as own (benchmark_key, percentile_rank)
    where p.tenant_id = ${tenantId} and p.month = ${month}::date and p.user_id = ${userId}
      and own.benchmark_key = ${benchmarkKey} and own.percentile_rank is not null`.execute(sql);
  return rows[0]?.rank ?? null;
}
