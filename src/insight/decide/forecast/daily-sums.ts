/** Spending by local day, of which any span can be summed at once. Days are numbers, as of `recurring-schedule.ts`. */

/** Amounts are minor units as doubles: they serve statistics alone. */
export type DaySum = { number: number; amount: number; purchases: number };

export class DailySums {
  readonly first: number;
  readonly end: number;
  readonly #amounts: Float64Array;
  readonly #purchases: Float64Array;

  /** Days outside `[first, end)` are left out. */
  constructor(days: Iterable<DaySum>, first: number, end: number) {
    this.first = first;
    this.end = Math.max(first, end);
    this.#amounts = new Float64Array(this.end - first + 1);
    this.#purchases = new Float64Array(this.end - first + 1);
    for (const { number, amount, purchases } of days) {
      if (number < first || number >= end) continue;
      add(this.#amounts, number - first + 1, amount);
      add(this.#purchases, number - first + 1, purchases);
    }
    for (let at = 1; at < this.#amounts.length; at++) {
      add(this.#amounts, at, this.#amounts[at - 1] ?? 0);
      add(this.#purchases, at, this.#purchases[at - 1] ?? 0);
    }
  }

  /** What was spent from day `from` until before day `to`. */
  spent = (from: number, to: number): number => this.#between(this.#amounts, from, to);

  purchases = (from: number, to: number): number => this.#between(this.#purchases, from, to);

  #between(sums: Float64Array, from: number, to: number): number {
    const at = (day: number) => sums[Math.min(Math.max(day, this.first), this.end) - this.first] ?? 0;
    return at(to) - at(from);
  }
}

function add(values: Float64Array, at: number, value: number): void {
  values[at] = (values[at] ?? 0) + value;
}
