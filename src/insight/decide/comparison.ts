/** Compares a person's month with the published benchmark of its key and with their own earlier months. */
import { type PublishedBenchmark, tailsFrom } from './benchmark.ts';
import { scaled } from './scaled-figure.ts';
import { over, rounded } from './fraction.ts';
import { completeMonthsOf } from './months.ts';
import { percentMore } from '../../values/figures.ts';

/** A month is compared with at most this many earlier months of the same person. */
const comparedOwnMonths = 6;
/** The share of people at either end who are outliers, in percent. */
const outlierPct = 10;

/** `month` is its first day. Amounts are minor units, net of refunds. */
export type OwnMonth = { month: string; spentMinor: bigint };

/** The mean of `months` months, in minor units. */
export type OwnMean = { months: number; minor: bigint };

export type ComparedMonth = {
  month: string;
  currency: string;
  spentMinor: bigint;
  /** The exact rank in the published snapshot. Null if the person is not in it. */
  percentileRank: string | null;
  ownMean: OwnMean | null;
  benchmark: PublishedBenchmark | null;
};

export type Comparison = Omit<ComparedMonth, 'percentileRank'> & {
  percentileRank: number | null;
  isOutlier: boolean | null;
  vsMeanPct: number | null;
  vsMedianPct: number | null;
};

/**
 * Compares with the published figures, never the exact ones. Otherwise a person could find out the exact
 * figures by changing their own spending.
 */
export function compare(compared: ComparedMonth): Comparison {
  const { spentMinor, benchmark, percentileRank } = compared;
  const above = (reference: bigint | null | undefined): number | null =>
    typeof reference === 'bigint' ? percentMore(spentMinor, reference) : null;
  const isPublished = typeof benchmark?.mean === 'bigint';
  return {
    ...compared,
    percentileRank: isPublished && percentileRank !== null ? Number(Number(percentileRank).toFixed(2)) : null,
    isOutlier: isPublished ? isOutlier(percentileRank, benchmark.cohortSize) : null,
    vsMeanPct: above(benchmark?.mean),
    vsMedianPct: above(benchmark?.median),
  };
}

/**
 * Null in a cohort too small to publish its outliers. `percentileRank` is exact and null if there is none.
 */
export function isOutlier(percentileRank: string | null, cohortSize: number): boolean | null {
  if (percentileRank === null || cohortSize < tailsFrom) return null;
  const rank = scaled(percentileRank);
  return rank <= scaled(String(outlierPct)) || rank >= scaled(String(100 - outlierPct));
}

/** The first day of the earliest month that `month` is compared with. */
export const firstComparedMonth = (month: string): string =>
  Temporal.PlainDate.from(month).subtract({ months: comparedOwnMonths }).toString();

/**
 * The mean of the whole months before `month`, since the person's first expense there. A month without
 * spending counts as 0. Null if there is no such month.
 */
export function ownMeanBefore(
  month: string,
  earlier: readonly OwnMonth[],
  firstDay: string | null,
): OwnMean | null {
  if (firstDay === null) return null;
  const whole = completeMonthsOf(firstDay, month, comparedOwnMonths);
  if (whole.length === 0) return null;
  const counted = earlier.filter((each) => whole.includes(each.month.slice(0, 'YYYY-MM'.length)));
  const sum = counted.reduce((total, each) => total + each.spentMinor, 0n);
  return { months: whole.length, minor: rounded(over(sum, whole.length)) };
}

/** Whether the month has ended in the person's time zone. `today` is their local day. */
export const isMonthOver = (month: string, today: string): boolean =>
  Temporal.PlainDate.from(month).add({ months: 1 }).toString() <= today;

/** The first day of the last month that has ended. */
export const lastMonthBefore = (today: string): string =>
  Temporal.PlainDate.from(today).with({ day: 1 }).subtract({ months: 1 }).toString();
