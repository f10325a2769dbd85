/**
 * Forecasts what a scope will still cost until the end of a period, as a distribution. Half of it is what the person spent
 * after the same day of earlier periods. The other half is an expected amount times the ratios that such expectations had
 * for everybody of the tenant (split conformal prediction, Vovk et al. 2005). Bills that are due come on top. Pure.
 */
import { expectedRemaining, monthLength, type ScopeInPeriod, type Span } from './expected-remaining.ts';
import type { ForecastRatios } from './forecast-ratios.ts';

/** `dueOn`: a day number. */
export type Bill = { amountMinor: bigint; dueOn: number };

/**
 * The sums of the scope are without its bills. `earlier`: periods before this one, the latest first. `bills`: due from `now`
 * until the period's end. `ratios`: of the tenant.
 */
export type ForecastSource = ScopeInPeriod & {
  earlier: readonly Span[];
  ratios: ForecastRatios;
  bills: readonly Bill[];
};

/** Quantiles from 0 to 100 %, in minor units, ascending. `months`: complete ones that it is based on. */
export type Remaining = { quantiles: bigint[]; months: number; transactions: number };

const quantileCount = 101;
/** Of the distribution, if there are twelve earlier periods; less with fewer. */
const ownShare = 0.5;
const fullOwnPeriods = 12;
/** Each earlier period weighs so much of the one after it. */
const recency = 0.8;
/** Without ratios of the tenant, so many periods of the person must do. */
const leastOwnPeriods = 6;

/** Null if there is too little to go by. */
export function forecastRemaining(source: ForecastSource): Remaining | null {
  const own = ownRemainders(source);
  const expected = expectedRemaining(source);
  const ratios = expected ? (source.ratios.get(expected.cell) ?? []) : [];
  if (ratios.length === 0 && own.length < leastOwnPeriods) return null;
  const share = ratios.length > 0 ? ownShare * Math.min(1, own.length / fullOwnPeriods) : 1;
  const points = [
    ...weighted(own, share, recency),
    ...weighted(
      ratios.map((ratio) => ratio * (expected?.amount ?? 0)),
      1 - share,
      1,
    ),
  ];
  const bills = source.bills.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  const { sums, first, now, period } = source;
  const from = Math.max(first, sums.first);
  return {
    quantiles: quantilesOf(points).map((value) => BigInt(Math.round(value)) + bills),
    months: Math.floor((period.start - from) / monthLength),
    transactions: sums.purchases(from, now),
  };
}

/**
 * What was spent after as many days of earlier periods, the latest first. Periods before the first expense do not count. Of a
 * long period there are few, and then it is what was spent in as many days as are left, one such time after another.
 */
function ownRemainders(source: ForecastSource): number[] {
  const { sums, first, period, now } = source;
  const left = period.end - now;
  const own = remaindersOf(source);
  if (own.length >= leastOwnPeriods || left < monthLength) return own;
  const times: number[] = [];
  for (let end = period.start; end - left >= Math.max(first, sums.first); end -= left)
    times.push(sums.spent(end - left, end));
  return times.length > own.length ? times : own;
}

function remaindersOf({ sums, first, period, earlier, now }: ForecastSource): number[] {
  const elapsed = now - period.start;
  const isOver = now >= period.end;
  return earlier
    .filter(({ start, end }) => end > first && start >= sums.first)
    .slice(0, fullOwnPeriods)
    .map(({ start, end }) => (isOver ? 0 : sums.spent(Math.min(start + elapsed, end - 1), end)));
}

type Point = { value: number; weight: number };

/** The points share `whole`; each weighs `decay` of the one before it. */
function weighted(values: readonly number[], whole: number, decay: number): Point[] {
  const sum = values.reduce((total, _value, index) => total + decay ** index, 0);
  return values.map((value, index) => ({ value, weight: (whole * decay ** index) / sum }));
}

/** The smallest values whose weights reach each share of the whole. */
function quantilesOf(points: readonly Point[]): number[] {
  const sorted = points.toSorted((one, other) => one.value - other.value);
  const whole = sorted.reduce((sum, { weight }) => sum + weight, 0);
  const quantiles: number[] = [];
  let at = 0;
  let reached = sorted[0]?.weight ?? 0;
  for (let step = 0; step < quantileCount; step++) {
    const share = (step / (quantileCount - 1)) * whole;
    while (at < sorted.length - 1 && reached < share - tolerance) {
      at += 1;
      reached += sorted[at]?.weight ?? 0;
    }
    quantiles.push(sorted[at]?.value ?? 0);
  }
  return quantiles;
}

/** Sums of weights are not exact. */
const tolerance = 1e-9;
