/** How unevenly a person spends in a category: the coefficient of variation of their months. */
import { type Fraction, meanOf, over, sumOf } from './fraction.ts';
import { amountsOf, type Month } from './months.ts';

export type Volatility = {
  months: readonly Month[];
  mean: Fraction;
  /** Standard deviation (n − 1) by mean, squared: that is a fraction, and compares exactly. */
  squared: Fraction;
  /** By how much a month lies above the mean, on average over all of them. */
  excess: Fraction;
};

const fewestMonths = 4;
/** Above it spending is told of as uneven; 0.3, squared. */
export const notableSquare: Fraction = over(9n, 100);

/** `months`: complete ones. Null where there are too few, or nothing was spent. */
export function volatilityOf(months: readonly Month[]): Volatility | null {
  const amounts = amountsOf(months);
  const total = sumOf(amounts);
  if (months.length < fewestMonths || total <= 0n) return null;
  const count = BigInt(months.length);
  const squares = sumOf(amounts.map((each) => each * each));
  const above = sumOf(amounts.map((each) => count * each - total).filter((each) => each > 0n));
  return {
    months,
    mean: meanOf(amounts),
    squared: over(count * (count * squares - total * total), (count - 1n) * total * total),
    excess: over(above, count * count),
  };
}

/** To four decimals. */
export const coefficientOf = ({ squared }: Volatility): number =>
  Number(Math.sqrt(Number(squared.numerator) / Number(squared.denominator)).toFixed(4));
