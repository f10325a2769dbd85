/** Benchmarks and comparisons with them. */
import { type Static, Type } from 'typebox';
import type { PublishedBenchmark } from '../../insight/decide/benchmark.ts';
import { trends } from '../../insight/decide/benchmark.ts';
import type { Comparison } from '../../insight/decide/comparison.ts';
import { formatAmount } from '../../values/money.ts';
import { insightOf } from '../../insight/messages/comparison-message.ts';
import { amount } from './rule.ts';
import { instant, nullable } from './text.ts';

/** In the years in which expenses may be dated. */
const period = (description: string) =>
  Type.String({ pattern: '^(?:19|2[01])[0-9]{2}-(?:0[1-9]|1[0-2])$', description, examples: ['2026-10'] });

export const periodQuery = Type.Object({
  period: Type.Optional(period('a month, like 2026-10; the latest there is where left out')),
});

/** The first day of the requested month. */
export const monthOf = ({ period: asked }: Static<typeof periodQuery>): string | null =>
  asked === undefined ? null : `${asked}-01`;

const figure = (description: string) =>
  nullable(Type.String({ description: `${description}, to three significant digits`, examples: ['412.00'] }));

const tail = (description: string) => figure(`${description}; null below 20 people`);

const pct = (description: string) => nullable(Type.Number({ description, examples: [-12.4] }));

export const benchmarkSchema = Type.Object(
  {
    period: period('the month'),
    currency: Type.String({ description: 'the tenant’s', examples: ['USD'] }),
    cohortSize: Type.Integer({ description: 'number of people in it, each once' }),
    mean: figure('mean spending of a person'),
    standardDeviation: figure('n − 1; also null if it would reveal what each person spent'),
    p10: tail('the tenth percentile'),
    p25: figure('the first quartile'),
    median: figure('half of them spent less'),
    p75: figure('the third quartile'),
    p90: tail('the ninetieth percentile'),
    monthOverMonthPct: pct('of the published mean, against the month before'),
    yearOverYearPct: pct('of the published mean, against the same month a year before'),
    trend: nullable(
      Type.Enum(trends, { description: 'from month to month: `rising` or `falling` from 5 %' }),
    ),
    updatedAt: instant('when it was computed'),
  },
  { description: 'All figures are null below 10 people (k-anonymity).' },
);

export const comparisonSchema = Type.Object({
  period: period('the month'),
  currency: Type.String({ description: 'the tenant’s', examples: ['USD'] }),
  userSpending: amount('the person’s current spending, net of refunds'),
  percentileRank: nullable(
    Type.Number({
      description:
        'the percentage of people who spent less when the benchmark was computed, with half of those who spent the same; null if the person is not in the benchmark or it is not published',
      examples: [37.5],
    }),
  ),
  isOutlier: nullable(
    Type.Boolean({ description: 'a rank of at most 10, or at least 90; null below 20 people' }),
  ),
  vsMeanPct: pct('against the published mean'),
  vsMedianPct: pct('against the published median'),
  insight: Type.String({
    description:
      'the comparison in one sentence; with the person’s own months if there is nobody to compare with',
    examples: ['Groceries: 412.30 USD in October 2026, 12 % below the average of 24 people (468.00 USD).'],
  }),
  benchmark: nullable(benchmarkSchema),
});

const periodOf = (month: string): string => month.slice(0, 7);

export function benchmarkView(published: PublishedBenchmark): Static<typeof benchmarkSchema> {
  const money = (minor: bigint | null) => (minor === null ? null : formatAmount(minor, published.currency));
  return {
    period: periodOf(published.month),
    currency: published.currency,
    cohortSize: published.cohortSize,
    mean: money(published.mean),
    standardDeviation: money(published.standardDeviation),
    p10: money(published.p10),
    p25: money(published.p25),
    median: money(published.median),
    p75: money(published.p75),
    p90: money(published.p90),
    monthOverMonthPct: published.monthOverMonthPct,
    yearOverYearPct: published.yearOverYearPct,
    trend: published.trend,
    updatedAt: published.updatedAt.toString(),
  };
}

/** `name` is the category's name. */
export const comparisonView = (
  name: string,
  comparison: Comparison,
  locale: string,
): Static<typeof comparisonSchema> => ({
  period: periodOf(comparison.month),
  currency: comparison.currency,
  userSpending: formatAmount(comparison.spentMinor, comparison.currency),
  percentileRank: comparison.percentileRank,
  isOutlier: comparison.isOutlier,
  vsMeanPct: comparison.vsMeanPct,
  vsMedianPct: comparison.vsMedianPct,
  insight: insightOf(name, comparison, locale),
  benchmark: comparison.benchmark && benchmarkView(comparison.benchmark),
});
