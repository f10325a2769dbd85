/**
 * Quality of forecasts of a month's end, on the published statements. Half of the people served to choose the constants, and
 * the other half is judged. A forecast knows earlier months alone, as do the ratios that are pooled over everybody.
 */
import type { BenchResult } from '../result.ts';
import { readStatements } from '../recurring/statements.ts';
import { forecastsOf, type Judged } from './forecasts.ts';
import { monthsOf, seriesOf } from './series.ts';

export const [firstMonth, afterLastMonth] = ['2019-04', '2022-01'] as const;
/** Nine months come before the first that is judged. */
export const judgedFrom = 9;

const shares = [0.1, 0.5, 0.9] as const;

/** A run with a figure outside its limits fails. */
const limits = {
  total: { ratio: 0.6, covered: [0.78, 0.9], above: [0.08, 0.12] },
  category: { ratio: 0.6, covered: [0.78, 0.92], above: [0.08, 0.12] },
} as const;

class Score {
  count = 0;
  loss = 0;
  naive = 0;
  usual = 0;
  money = 0;
  below = 0;
  above = 0;

  add({ quantiles, spent, remaining, naive, usual }: Judged): void {
    this.count += 1;
    this.money += spent + remaining;
    for (const share of shares) {
      const quantile = Number(quantiles[Math.round(share * (quantiles.length - 1))] ?? 0n);
      this.loss += pinball(share, quantile, remaining) / shares.length;
      this.naive += pinball(share, naive, remaining) / shares.length;
      this.usual += pinball(share, usual, remaining) / shares.length;
      if (share === 0.1 && remaining < quantile) this.below += 1;
      if (share === 0.9 && remaining > quantile) this.above += 1;
    }
  }
}

/** The loss of a quantile forecast (Koenker and Bassett 1978). */
const pinball = (share: number, quantile: number, came: number): number =>
  came >= quantile ? share * (came - quantile) : (1 - share) * (quantile - came);

const stages = { days: [3, 5, 10, 15, 20, 25], withBills: false } as const;

export async function benchForecast(): Promise<BenchResult> {
  const people = readStatements({ withUnnamed: true });
  if (!people) return { name: 'forecast', figures: {}, ratios: {} };
  const months = monthsOf(firstMonth, afterLastMonth);
  const scores = { total: new Score(), category: new Score() };
  for (const judged of forecastsOf(seriesOf(people, months), months, judgedFrom, stages))
    if (judged.series.isHeld) scores[judged.series.isTotal ? 'total' : 'category'].add(judged);
  const result: BenchResult = { name: 'forecast', figures: {}, ratios: {} };
  for (const name of ['total', 'category'] as const) report(name, scores[name], result);
  return result;
}

function report(name: keyof typeof limits, score: Score, { figures, ratios }: BenchResult): void {
  const { count, loss, naive, usual, money, below, above } = score;
  const covered = 1 - (below + above) / count;
  figures[`${name}, forecasts`] = { value: count, unit: 'judged' };
  figures[`${name}, loss`] = { value: (100 * loss) / money, unit: '% of the money spent' };
  figures[`${name}, in the range of 80 %`] = { value: 100 * covered, unit: '%' };
  figures[`${name}, above the range`] = { value: (100 * above) / count, unit: '%' };
  ratios[`${name}, loss / that of naive pace`] = loss / naive;
  ratios[`${name}, loss / that of the own mean`] = loss / usual;
  const limit = limits[name];
  const isWithin = (value: number, [low, high]: readonly [number, number]) => low <= value && value <= high;
  if (
    loss / naive > limit.ratio ||
    !isWithin(covered, limit.covered) ||
    !isWithin(above / count, limit.above)
  )
    throw new Error(`${name}: loss ${loss / naive}, covered ${covered}, above ${above / count}`);
}
