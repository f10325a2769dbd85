/**
 * Whether forecasts of day 15 tell which budgets will be exceeded, on the published statements: budgets of the median of
 * earlier months that are not used up by then. Judged on the people who did not serve to choose the constants.
 */
import type { BenchResult } from '../result.ts';
import { readStatements } from '../recurring/statements.ts';
import { afterLastMonth, firstMonth, judgedFrom } from './forecast.ts';
import { forecastsOf, type Judged } from './forecasts.ts';
import { monthsOf, seriesOf } from './series.ts';
import { probabilityOfReaching } from '../../../src/values/forecast.ts';

const stages = { days: [15], withBills: true } as const;
const falseAlarms = 0.05;
const deciles = 10;

/** Shares. A run with a figure outside its limits fails. */
const limits = {
  total: { told: 0.3, right: 0.65, error: 0.05 },
  category: { told: 0.27, right: 0.55, error: 0.05 },
} as const;

type Case = { probability: number; pace: number; isExceeded: boolean };

export async function benchPace(): Promise<BenchResult> {
  const people = readStatements({ withUnnamed: true });
  if (!people) return { name: 'pace', figures: {}, ratios: {} };
  const months = monthsOf(firstMonth, afterLastMonth);
  const cases = { total: [] as Case[], category: [] as Case[] };
  for (const judged of forecastsOf(seriesOf(people, months), months, judgedFrom, stages)) {
    const { series, spent, median } = judged;
    if (!series.isHeld || median <= 0 || spent >= median) continue;
    cases[series.isTotal ? 'total' : 'category'].push(caseOf(judged));
  }
  const result: BenchResult = { name: 'pace', figures: {}, ratios: {} };
  report('total', cases.total, result);
  report('category', cases.category, result);
  return result;
}

function caseOf({ quantiles, spent, remaining, naive, median }: Judged): Case {
  const forecast = { spentMinor: 0n, remainingMinor: quantiles, billsMinor: 0n };
  const targetMinor = BigInt(Math.ceil(median - spent));
  return {
    probability: probabilityOfReaching(forecast, { spentMinor: 0n, targetMinor }),
    pace: (spent + naive) / median,
    isExceeded: spent + remaining >= median,
  };
}

function report(name: keyof typeof limits, cases: readonly Case[], { figures, ratios }: BenchResult): void {
  const exceeded = cases.filter(({ isExceeded }) => isExceeded).length;
  const ours = alarmsOf(cases, ({ probability }) => probability);
  const naive = alarmsOf(cases, ({ pace }) => pace);
  figures[`${name}, budgets`] = { value: cases.length, unit: 'judged' };
  figures[`${name}, exceeded`] = { value: (100 * exceeded) / cases.length, unit: '%' };
  figures[`${name}, told at 5 % false alarms`] = {
    value: (100 * ours.told) / exceeded,
    unit: '% of those exceeded',
  };
  figures[`${name}, alarms that were right`] = {
    value: (100 * ours.told) / (ours.told + ours.wrong),
    unit: '%',
  };
  figures[`${name}, calibration error`] = {
    value: 100 * calibrationError(cases),
    unit: '% of a decile, weighted',
  };
  ratios[`${name}, told / by naive pace`] = ours.told / naive.told;
  const [told, right] = [ours.told / exceeded, ours.told / (ours.told + ours.wrong)];
  const limit = limits[name];
  if (told < limit.told || right < limit.right || calibrationError(cases) > limit.error)
    throw new Error(`${name}: told ${told}, right ${right}, calibration error ${calibrationError(cases)}`);
}

/** As many alarms, the likeliest first, as keep the wrong ones below the limit. */
function alarmsOf(cases: readonly Case[], scoreOf: (each: Case) => number): { told: number; wrong: number } {
  const allowed = falseAlarms * cases.filter(({ isExceeded }) => !isExceeded).length;
  let [told, wrong] = [0, 0];
  for (const { isExceeded } of cases.toSorted((one, other) => scoreOf(other) - scoreOf(one))) {
    if (!isExceeded && wrong + 1 > allowed) break;
    if (isExceeded) told += 1;
    else wrong += 1;
  }
  return { told, wrong };
}

/** The mean distance between what was said and what came, over deciles of what was said. */
function calibrationError(cases: readonly Case[]): number {
  const groups = Map.groupBy(cases, ({ probability }) =>
    Math.min(deciles - 1, Math.floor(probability * deciles)),
  );
  const off = [...groups.values()].map((group) => {
    const said = group.reduce((sum, { probability }) => sum + probability, 0);
    const came = group.filter(({ isExceeded }) => isExceeded).length;
    return Math.abs(said - came);
  });
  return off.reduce((sum, each) => sum + each, 0) / cases.length;
}
