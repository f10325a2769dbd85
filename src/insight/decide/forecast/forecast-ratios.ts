/**
 * How far expectations of what was still to come were from what came, pooled over everybody of a tenant. Rebuilt each night.
 * It shows nothing of one person: a cell has ten people or more. Pure.
 */
import type { DailySums } from './daily-sums.ts';
import type { DayWeights } from './day-weights.ts';
import { expectedRemaining, type Span } from './expected-remaining.ts';

/** By cell: ratios of what came to what was expected, at the middles of equal parts, ascending. */
export type ForecastRatios = ReadonlyMap<string, readonly number[]>;

/** One person's spending in a category, or in all. `first`: the day of the first expense. */
export type Series = { userId: string; sums: DailySums; first: number };

/** `people`: of the cell. */
export type PooledRatios = { cell: string; people: number; ratios: number[] };

/** Fewer would show something of one of them. */
export const leastPeople = 10;
const leastRatios = 50;
const ratiosKept = 51;
/** Days of a month after which expectations are made, evenly over it. */
const stages = [1, 3, 5, 7, 10, 13, 15, 17, 20, 23, 25, 27, 29] as const;
/** The first so many months serve the expectations of the others. */
export const firstMonths = 6;
/** So many days make three months. */
export const leastHistoryDays = 85;

/** Collects the ratios of one series after another, so that a caller may give way in between. */
export class RatioPool {
  readonly #months: readonly Span[];
  readonly #weights: DayWeights;
  readonly #cells = new Map<string, { ratios: number[]; people: Set<string> }>();

  /** `months`: complete ones, oldest first. */
  constructor(months: readonly Span[], weights: DayWeights) {
    this.#months = months;
    this.#weights = weights;
  }

  add({ userId, sums, first }: Series): void {
    for (const [at, period] of this.#months.entries()) {
      const before = this.#months[at - firstMonths];
      if (!before || first > period.start - leastHistoryDays) continue;
      if (sums.purchases(before.start, period.start) === 0) continue;
      for (const stage of stages) {
        const now = period.start + stage;
        if (now >= period.end) continue;
        const expected = expectedRemaining({ sums, first, period, now, weights: this.#weights });
        if (!expected || expected.amount <= 0) continue;
        const { ratios, people } = this.#cells.get(expected.cell) ?? { ratios: [], people: new Set() };
        ratios.push(sums.spent(now, period.end) / expected.amount);
        this.#cells.set(expected.cell, { ratios, people: people.add(userId) });
      }
    }
  }

  pooled(): PooledRatios[] {
    return [...this.#cells]
      .filter(([, { ratios, people }]) => people.size >= leastPeople && ratios.length >= leastRatios)
      .map(([cell, { ratios, people }]) => ({ cell, people: people.size, ratios: spread(ratios) }));
  }
}

function spread(ratios: readonly number[]): number[] {
  const sorted = ratios.toSorted((one, other) => one - other);
  return Array.from(
    { length: ratiosKept },
    (_, index) => sorted[Math.floor(((index + 0.5) / ratiosKept) * sorted.length)] ?? 0,
  );
}
