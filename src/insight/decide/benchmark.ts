/**
 * Decides which months have a benchmark and which of its figures are published. Published and derived figures
 * are computed from three significant digits, so they reveal no more than those digits.
 */
import { scaled, threeDigits } from './scaled-figure.ts';
import { percentMore } from '../../values/figures.ts';

/** A smaller cohort publishes its size alone (k-anonymity, k = 10). */
export const publishedFrom = 10;
/** A smaller cohort publishes neither p10 and p90 nor who is an outlier. */
export const tailsFrom = 20;

const computedMonths = 13;

/** The first days of the last 13 months that have ended everywhere on Earth, latest first. */
export function monthsOverEverywhere(now: Temporal.Instant): string[] {
  // Baker Island (UTC-12) is the last place to see a month end.
  const current = now.toZonedDateTimeISO('-12:00').toPlainDate().with({ day: 1 });
  return Array.from({ length: computedMonths }, (_, index) =>
    current.subtract({ months: index + 1 }).toString(),
  );
}

/**
 * The months that a published benchmark needs: the month, the one before and the same month a year before.
 */
export function comparedMonths(month: string): { month: string; before: string; yearBefore: string } {
  const first = Temporal.PlainDate.from(month);
  return {
    month,
    before: first.subtract({ months: 1 }).toString(),
    yearBefore: first.subtract({ years: 1 }).toString(),
  };
}

/** A benchmark as stored. `month` is its first day. Figures are decimal strings of minor units. */
export type StoredBenchmark = {
  month: string;
  currency: string;
  cohortSize: number;
  mean: string;
  standardDeviation: string | null;
  p10: string;
  p25: string;
  median: string;
  p75: string;
  p90: string;
  updatedAt: string;
};

export const trends = ['rising', 'falling', 'steady'] as const;
type Trend = (typeof trends)[number];
/** The limit for the change from month to month. Smaller changes are steady. */
const movesFromPct = 5;

const figureNames = ['mean', 'standardDeviation', 'p10', 'p25', 'median', 'p75', 'p90'] as const;
type Figures = Record<(typeof figureNames)[number], bigint | null>;

/** Figures are in minor units. `month` is its first day. */
export type PublishedBenchmark = Figures & {
  month: string;
  currency: string;
  cohortSize: number;
  monthOverMonthPct: number | null;
  yearOverYearPct: number | null;
  trend: Trend | null;
  updatedAt: Temporal.Instant;
};

/** `others` are the benchmarks of other months under the same key, if there are any. */
export function publish(stored: StoredBenchmark, others: readonly StoredBenchmark[]): PublishedBenchmark {
  const figures = figuresOf(stored);
  const { before, yearBefore } = comparedMonths(stored.month);
  const sinceMonth = (month: string): number | null => {
    const other = others.find((each) => each.month === month && each.currency === stored.currency);
    const reference = other ? figuresOf(other).mean : null;
    return figures.mean === null || reference === null ? null : percentMore(figures.mean, reference);
  };
  const monthOverMonthPct = sinceMonth(before);
  return {
    month: stored.month,
    currency: stored.currency,
    cohortSize: stored.cohortSize,
    ...figures,
    monthOverMonthPct,
    yearOverYearPct: sinceMonth(yearBefore),
    trend: trendOf(monthOverMonthPct),
    updatedAt: Temporal.Instant.from(stored.updatedAt),
  };
}

function figuresOf(stored: StoredBenchmark): Figures {
  const isWithheld = (name: keyof Figures): boolean =>
    stored.cohortSize < publishedFrom ||
    ((name === 'p10' || name === 'p90') && stored.cohortSize < tailsFrom) ||
    (name === 'standardDeviation' && revealsEverybody(stored));
  const figure = (name: keyof Figures): bigint | null => {
    const text = stored[name];
    return text === null || isWithheld(name) ? null : threeDigits(text);
  };
  return {
    mean: figure('mean'),
    standardDeviation: figure('standardDeviation'),
    p10: figure('p10'),
    p25: figure('p25'),
    median: figure('median'),
    p75: figure('p75'),
    p90: figure('p90'),
  };
}

/**
 * Nobody among n people is further from their mean than (n - 1) / √n standard deviations (Samuelson, "How
 * Deviant Can You Be?", 1968). If that distance is below a twentieth of the mean, mean and deviation together
 * reveal what each person spent.
 */
function revealsEverybody({ cohortSize, mean, standardDeviation }: StoredBenchmark): boolean {
  const farthest = scaled(standardDeviation ?? '0') * BigInt(cohortSize - 1) * 20n;
  return farthest ** 2n < scaled(mean) ** 2n * BigInt(cohortSize);
}

function trendOf(monthOverMonthPct: number | null): Trend | null {
  if (monthOverMonthPct === null) return null;
  if (monthOverMonthPct >= movesFromPct) return 'rising';
  return monthOverMonthPct <= -movesFromPct ? 'falling' : 'steady';
}
