/** Measures how uneven a person's spending in a category is: the coefficient of variation of their months. */
import { type Fraction, over, sumOf } from './fraction.ts';
import { amountsOf, type Month } from './months.ts';

export type Volatility = {
  /**
   * The square of standard deviation (n − 1) divided by mean. Squared it is a fraction and compares exactly.
   */
  squared: Fraction;
};

const fewestMonths = 4;

/** `months` are complete. Null if there are too few or nothing was spent. */
export function volatilityOf(months: readonly Month[]): Volatility | null {
  const amounts = amountsOf(months);
  const total = sumOf(amounts);
  if (months.length < fewestMonths || total <= 0n) return null;
  const count = BigInt(months.length);
  const squares = sumOf(amounts.map((each) => each * each));
  return { squared: over(count * (count * squares - total * total), (count - 1n) * total * total) };
}

/** Rounded to four decimals. */
export const coefficientOf = ({ squared }: Volatility): number =>
  Number(Math.sqrt(Number(squared.numerator) / Number(squared.denominator)).toFixed(4));
