import { defineEntity, p } from '@mikro-orm/core';
import { day, figure, instant, sum, tenantId, tenantRows } from './columns.ts';

/** A person whose profile no longer holds. There is one row at most, with an id of its own to be rung for. */
export const StaleProfile = defineEntity({
  name: 'StaleProfile',
  tableName: 'stale_profiles',
  ...tenantRows,
  indexes: [
    {
      // rebuild-profile: whose profile was rung for.
      name: 'stale_profiles_id',
      expression: 'create unique index stale_profiles_id on stale_profiles (tenant_id, id)',
    },
    {
      // find-unfinished: profiles that nobody rebuilt, to be rung for again.
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

/** What a person spends in a category, by their complete months. Amounts are minor units, not rounded to whole ones. */
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

/** Where a person spent in a category over the last 90 days; `targetKey` null: nothing to consolidate. */
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
