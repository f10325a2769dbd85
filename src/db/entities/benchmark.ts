import { defineEntity, p } from '@mikro-orm/core';
import { day, figure, instant, sum, tenantId, tenantRows } from './columns.ts';

/**
 * What people spent under a benchmark key in a month, in minor units of the tenant's currency, exactly.
 * `categoryIds`: what the key stood for when it was made.
 */
export const Benchmark = defineEntity({
  name: 'Benchmark',
  tableName: 'spending_benchmarks',
  ...tenantRows,
  properties: {
    tenantId,
    benchmarkKey: p.text().primary().name('benchmark_key'),
    month: day().primary(),
    currency: p.text(),
    categoryIds: p.array().columnType('text[]').name('category_ids'),
    cohortSize: p.integer().name('cohort_size'),
    mean: figure(),
    standardDeviation: figure().name('standard_deviation').nullable(),
    p10: figure(),
    p25: figure(),
    median: figure(),
    p75: figure(),
    p90: figure(),
    updatedAt: instant().name('updated_at'),
  },
});

/**
 * Whom a published benchmark was made of, with what they spent by then, as `compute-benchmarks` has it.
 * `published`: each figure of the person's that ever went into it, null standing for a time when none did;
 * `spentMinor` null: none does now.
 */
export const BenchmarkPerson = defineEntity({
  name: 'BenchmarkPerson',
  tableName: 'benchmark_people',
  ...tenantRows,
  properties: {
    tenantId,
    benchmarkKey: p.text().primary().name('benchmark_key'),
    month: day().primary(),
    userId: p.text().primary().name('user_id'),
    spentMinor: sum().name('spent_minor').nullable(),
    percentileRank: figure().name('percentile_rank').nullable(),
    published: p.array().columnType('numeric[]'),
  },
});
