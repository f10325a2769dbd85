import { defineEntity, p } from '@mikro-orm/core';
import { day, figure, instant, sum, tenantId, tenantRows } from './columns.ts';

/** A person with a stale profile, at most one row each. Its own `id` is the payload of the queue signal. */
export const StaleProfile = defineEntity({
  name: 'StaleProfile',
  tableName: 'stale_profiles',
  ...tenantRows,
  indexes: [
    {
      // rebuild-profile: the person of a queue signal.
      name: 'stale_profiles_id',
      expression: 'create unique index stale_profiles_id on stale_profiles (tenant_id, id)',
    },
    {
      // find-unfinished: stale profiles that were not rebuilt, to enqueue again.
      name: 'stale_profiles_since',
      expression: 'create index stale_profiles_since on stale_profiles (tenant_id, since)',
    },
  ],
  properties: {
    tenantId,
    userId: p.text().primary().name('user_id'),
    id: p.uuid().defaultRaw('gen_random_uuid()'),
    since: instant(),
  },
});

/** A person's usual spending in a category, from their complete months. Amounts are minor units, not rounded. */
export const SpendingProfile = defineEntity({
  name: 'SpendingProfile',
  tableName: 'user_spending_profiles',
  ...tenantRows,
  properties: {
    tenantId,
    userId: p.text().primary().name('user_id'),
    categoryId: p.text().primary().name('category_id'),
    currency: p.text(),
    months: p.integer(),
    transactionCount: p.integer().name('transaction_count'),
    monthlyAverage: figure().name('monthly_average').nullable(),
    averageTransaction: figure().name('average_transaction').nullable(),
    transactionsPerMonth: figure().name('transactions_per_month').nullable(),
    trendPct: figure().name('trend_pct').nullable(),
    volatility: figure().nullable(),
    computedAt: instant().name('computed_at'),
  },
});

export type AnalysedMerchant = { key: string; name: string; spentMinor: string; count: number };

/** A person's merchants in a category over the last 90 days. `targetKey` null: there is nothing to consolidate. */
export const MerchantAnalysis = defineEntity({
  name: 'MerchantAnalysis',
  tableName: 'merchant_consolidation_analysis',
  ...tenantRows,
  properties: {
    tenantId,
    userId: p.text().primary().name('user_id'),
    categoryId: p.text().primary().name('category_id'),
    currency: p.text(),
    firstDay: day().name('first_day'),
    lastDay: day().name('last_day'),
    merchants: p.json<AnalysedMerchant[]>(),
    targetKey: p.text().name('target_key').nullable(),
    concentration: figure().nullable(),
    rate: figure().nullable(),
    monthlySavingMinor: sum().name('monthly_saving_minor').nullable(),
    computedAt: instant().name('computed_at'),
  },
});
