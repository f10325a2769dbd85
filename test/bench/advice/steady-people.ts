/** Made people whose spending never changes: purchases come by chance at an even rate, and their sizes are log-normal. */
import type { Charge } from '../../../src/insight/decide/recurring.ts';

/** Purchases a month in each category. */
const rates = [1, 2, 4, 6, 8, 12, 15, 30] as const;
const sigma = 1;
const monthDays = 30.4375;

/** Charges from the first day to the last, oldest first, in GBP. */
export function makeSteadyPerson(seed: number, firstDay: string, days: number): Charge[] {
  const chance = numbers(seed);
  const charges = rates.flatMap((rate, category) => {
    const median = 300 * 20 ** chance();
    const made: Charge[] = [];
    for (let at = wait(chance, rate); at < days; at += wait(chance, rate))
      made.push({
        expenseId: `${seed}-${category}-${made.length}`,
        categoryId: `category-${category}`,
        merchant: `Shop ${category}-${Math.floor(4 * chance())}`,
        merchantRef: null,
        day: Temporal.PlainDate.from(firstDay)
          .add({ days: Math.floor(at) })
          .toString(),
        amountMinor: BigInt(Math.max(1, Math.round(median * Math.exp(sigma * normal(chance))))),
        currency: 'GBP',
      });
    return made;
  });
  return charges.toSorted((one, other) => (one.day < other.day ? -1 : 1));
}

/** The days until the next purchase of a Poisson process. */
const wait = (chance: () => number, rate: number): number => (-Math.log(1 - chance()) * monthDays) / rate;

/** Box and Muller 1958. */
const normal = (chance: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - chance())) * Math.cos(2 * Math.PI * chance());

/** Mulberry32: even in all its bits, which the logarithms above need. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) % 2 ** 32;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
