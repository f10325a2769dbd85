import { defineEntity, p } from '@mikro-orm/core';
import { day, figure, instant, tenantId, tenantRows } from './columns.ts';

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
 * What a person counted with in the publications of a month, as `compute-benchmarks` has it: arrays of one length.
 * Each figure that ever went into one is there under its key, in minor units, null standing for a time when none
 * did; those in what is published now have a rank.
 */
export const BenchmarkPerson = defineEntity({
  name: 'BenchmarkPerson',
  tableName: 'benchmark_people',
  ...tenantRows,
  properties: {
    tenantId,
    month: day().primary(),
    userId: p.text().primary().name('user_id'),
    benchmarkKeys: p.array().columnType('text[]').name('benchmark_keys'),
    spentMinor: p.array().columnType('numeric[]').name('spent_minor'),
    percentileRanks: p.array().columnType('numeric[]').name('percentile_ranks'),
  },
});
