/** Reads a person's profile, with their percentile rank in each category. */
import { sql as statement } from 'kysely';
import type { AnalysedMerchant } from '../../runtime/database/entities/profile.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { isOfItsKey } from '../benchmarks/read-benchmarks.ts';
import type { PersonRef } from '../../values/refs.ts';

/** Amounts are decimal strings of minor units, not rounded to whole ones. */
export type StoredProfile = {
  categoryId: string;
  categoryName: string | null;
  currency: string;
  months: number;
  monthlyAverage: string | null;
  averageTransaction: string | null;
  transactionsPerMonth: string | null;
  trendPct: string | null;
  volatility: string | null;
  merchants: AnalysedMerchant[] | null;
  rank: string | null;
  cohortSize: number | null;
};

/**
 * One row per category. The rank belongs to the latest month in which the person was compared. Rides on the
 * primary keys.
 */
export async function readProfile(sql: Sql, { tenantId, userId }: PersonRef): Promise<StoredProfile[]> {
  const { rows } = await statement<StoredProfile>`
    select p.category_id as "categoryId", c.name as "categoryName", p.currency, p.months,
      p.monthly_average as "monthlyAverage", p.average_transaction as "averageTransaction",
      p.transactions_per_month as "transactionsPerMonth", p.trend_pct as "trendPct", p.volatility,
      m.merchants, peer.percentile_rank as rank, peer.cohort_size as "cohortSize"
    from user_spending_profiles p
    left join categories c on c.tenant_id = p.tenant_id and c.id = p.category_id
    left join merchant_consolidation_analysis m
      on m.tenant_id = p.tenant_id and m.user_id = p.user_id and m.category_id = p.category_id
    left join lateral (
      select b.benchmark_key, b.month, b.cohort_size
      from spending_benchmarks b
      where b.tenant_id = p.tenant_id and b.benchmark_key = coalesce(c.benchmark_key, p.category_id) and ${isOfItsKey}
      order by b.month desc
      limit 1
    ) latest on true
    left join lateral (
      select ranked.percentile_rank, latest.cohort_size
      from benchmark_people own
      cross join unnest(own.benchmark_keys, own.percentile_ranks) as ranked (benchmark_key, percentile_rank)
      where own.tenant_id = p.tenant_id and own.month = latest.month and own.user_id = p.user_id
        and ranked.benchmark_key = latest.benchmark_key and ranked.percentile_rank is not null
    ) peer on true
    where p.tenant_id = ${tenantId} and p.user_id = ${userId}
    order by p.category_id`.execute(sql);
  return rows;
}
