/** Forecasts of the statements' months, each from earlier months alone, beside what came. */
import { sharesOf, DayWeights } from '../../../src/insight/decide/forecast/day-weights.ts';
import { DailySums } from '../../../src/insight/decide/forecast/daily-sums.ts';
import type { Span } from '../../../src/insight/decide/forecast/expected-remaining.ts';
import { forecastRemaining } from '../../../src/insight/decide/forecast/forecast.ts';
import {
  firstMonths,
  type ForecastRatios,
  leastHistoryDays,
  RatioPool,
} from '../../../src/insight/decide/forecast/forecast-ratios.ts';
import { type RuleBills, withoutCharges } from '../../../src/insight/decide/forecast/rule-forecast.ts';
import type { Charge } from '../../../src/insight/decide/recurring.ts';
import { knownBills } from './bills.ts';
import type { JudgedSeries } from './series.ts';

/** Amounts are minor units. `remaining`: what came. `naive`: spending so far, spread over the month. `usual`: the mean of
 * six months. `median`: of earlier months, the budget that is judged. */
export type Judged = {
  series: JudgedSeries;
  stage: number;
  quantiles: readonly bigint[];
  spent: number;
  remaining: number;
  naive: number;
  usual: number;
  median: number;
};

/** `days`: of the month, after which a forecast is made. `withBills`: bills are found as on that day, which takes a while. */
export type Stages = { days: readonly number[]; withBills: boolean };
/** Ratios are pooled from so many months before. */
const pooledMonths = 18;
/** Somebody who bought in fewer of the last six months has no budget for it. */
const leastMonthsBought = 2;

/** Every forecast of the months from the `from`th on. */
export function* forecastsOf(
  series: readonly JudgedSeries[],
  months: readonly Span[],
  from: number,
  stages: Stages,
): Generator<Judged> {
  for (let at = from; at < months.length; at++) {
    const period = months[at];
    if (!period) continue;
    const known = months.slice(Math.max(0, at - pooledMonths), at);
    const weights = weightsOf(series, known, period);
    const pool = new RatioPool(known, weights);
    for (const each of series) pool.add(each);
    const ratios = new Map(pool.pooled().map(({ cell, ratios: own }) => [cell, own]));
    const earlier = months.slice(0, at).toReversed();
    for (const each of series.filter((one) => isJudged(one, earlier, period)))
      yield* stagesOf(each, stages, { period, earlier, weights, ratios });
  }
}

type Past = { period: Span; earlier: readonly Span[]; weights: DayWeights; ratios: ForecastRatios };

function* stagesOf(
  series: JudgedSeries,
  { days, withBills }: Stages,
  { period, earlier, weights, ratios }: Past,
): Generator<Judged> {
  const { first } = series;
  for (const stage of days) {
    const now = period.start + stage;
    const { upcoming: bills, charges } = withBills ? knownBills(series, now, period.end) : noBills;
    const sums = charges.length > 0 ? sumsWithout(series, charges) : series.sums;
    const found = forecastRemaining({ sums, first, period, now, weights, earlier, ratios, bills });
    if (found)
      yield { series, stage, quantiles: found.quantiles, ...referencesOf(series, { period, earlier, now }) };
  }
}

const noBills: RuleBills = { upcoming: [], charges: [] };

const sumsWithout = ({ sums, days }: JudgedSeries, charges: readonly Charge[]): DailySums =>
  new DailySums(withoutCharges(days, charges), sums.first, sums.end);

function weightsOf(series: readonly JudgedSeries[], known: readonly Span[], period: Span): DayWeights {
  const [from, to] = [known[0]?.start ?? 0, period.start];
  const totals = series.filter(({ isTotal }) => isTotal);
  const purchases = Array.from({ length: to - from }, (_, day) =>
    totals.reduce((sum, { sums }) => sum + sums.purchases(from + day, from + day + 1), 0),
  );
  return new DayWeights(sharesOf(purchases, from), from - 400, period.end, period.start);
}

function isJudged({ sums, first }: JudgedSeries, earlier: readonly Span[], period: Span): boolean {
  const bought = earlier
    .slice(0, firstMonths)
    .filter(({ start, end }) => sums.purchases(start, end) > 0).length;
  return bought >= leastMonthsBought && first <= period.start - leastHistoryDays;
}

type Stage = { period: Span; earlier: readonly Span[]; now: number };

function referencesOf({ sums, first }: JudgedSeries, { period, earlier, now }: Stage) {
  const spent = sums.spent(period.start, now);
  const before = earlier.slice(0, firstMonths).filter(({ end }) => end > first);
  const totals = before.map(({ start, end }) => sums.spent(start, end)).toSorted((one, other) => one - other);
  const mean = totals.reduce((sum, each) => sum + each, 0) / Math.max(1, totals.length);
  const left = (period.end - now) / (period.end - period.start);
  return {
    spent,
    remaining: sums.spent(now, period.end),
    naive: (spent * (period.end - now)) / (now - period.start),
    usual: mean * left,
    median: medianOf(totals),
  };
}

const medianOf = (sorted: readonly number[]): number =>
  ((sorted[Math.floor((sorted.length - 1) / 2)] ?? 0) + (sorted[Math.ceil((sorted.length - 1) / 2)] ?? 0)) /
  2;
