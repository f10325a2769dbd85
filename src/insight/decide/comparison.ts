/**
 * How a person's month compares: with what others spent under the same benchmark key, as far as that is
 * published, and with their own months before.
 */
import { type PublishedBenchmark, tailsFrom } from './benchmark.ts';
import { scaled } from './scaled-figure.ts';
import { over, rounded } from './fraction.ts';
import { completeMonthsOf } from './months.ts';
import { percentMore } from '../../values/figures.ts';

/** A person's months that a month of theirs is compared with, at most. */
const comparedOwnMonths = 6;
/** Who is further out than nine in ten, at either end. */
const outlierPct = 10;

/** `month`: its first day. In minor units; refunds taken off. */
export type OwnMonth = { month: string; spentMinor: bigint };

/** The mean of so many months. */
export type OwnMean = { months: number; minor: bigint };

export type ComparedMonth = {
  month: string;
  currency: string;
  spentMinor: bigint;
  /** The exact one of the published snapshot; null where they are not in it. */
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

/** Against the published figures, never the exact ones, which whoever moves their own spending could sound out. */
export function compare(standing: ComparedMonth): Comparison {
  const { spentMinor, benchmark, percentileRank } = standing;
  const above = (reference: bigint | null | undefined): number | null =>
    typeof reference === 'bigint' ? percentMore(spentMinor, reference) : null;
  const isPublished = typeof benchmark?.mean === 'bigint';
  return {
    ...standing,
    percentileRank: isPublished && percentileRank !== null ? Number(Number(percentileRank).toFixed(2)) : null,
    isOutlier: isPublished ? isOutlier(percentileRank, benchmark.cohortSize) : null,
    vsMeanPct: above(benchmark?.mean),
    vsMedianPct: above(benchmark?.median),
  };
}

/** Null in a cohort that does not show its ends. `percentileRank`: exact, null where there is none. */
export function isOutlier(percentileRank: string | null, cohortSize: number): boolean | null {
  if (percentileRank === null || cohortSize < tailsFrom) return null;
  const rank = scaled(percentileRank);
  return rank <= scaled(String(outlierPct)) || rank >= scaled(String(100 - outlierPct));
}

/** The first day of the earliest month that `month` is compared with. */
export const firstComparedMonth = (month: string): string =>
  Temporal.PlainDate.from(month).subtract({ months: comparedOwnMonths }).toString();

/**
 * Of the whole months before `month` since the person's first expense there; one without spending counts as
 * nothing. Null where there is none.
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

/** Whether the month is over where the person lives. `today`: their local day. */
export const isMonthOver = (month: string, today: string): boolean =>
  Temporal.PlainDate.from(month).add({ months: 1 }).toString() <= today;

/** The first day of the last month that is over. */
export const lastMonthBefore = (today: string): string =>
  Temporal.PlainDate.from(today).with({ day: 1 }).subtract({ months: 1 }).toString();
