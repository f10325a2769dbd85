import { defineEntity, p } from '@mikro-orm/core';
import { day, figure, instant, tenantId, tenantRows } from './columns.ts';

/**
 * A benchmark: spending under a benchmark key in a month, in minor units of the tenant's currency, not rounded.
 * `categoryIds`: the categories the key covered when the benchmark was made.
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
 * A person's figures in the publications of a month, written by `compute-benchmarks`: arrays of one length.
 * `spentMinor` has each figure that ever went into a publication, under its key and in minor units. It is null for a
 * time when none did. Figures in the current publication have a percentile rank.
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
