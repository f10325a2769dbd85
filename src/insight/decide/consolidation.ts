/** What a person might save by buying in one place what they buy in several. */
import { type Fraction, over, sumOf } from './fraction.ts';
import type { MerchantSpending } from './merchant-spending.ts';

/** `concentration`: Σ share². `rate`: the part of what is spent elsewhere that is saved. */
export type Consolidation = {
  target: MerchantSpending;
  merchants: readonly MerchantSpending[];
  elsewhereMinor: bigint;
  concentration: Fraction;
  rate: Fraction;
  monthlySaving: Fraction;
};

const fewestMerchants = 3;
/** The window is taken for as many months. */
export const windowMonths = 3;

/**
 * `rate = 3 % + 2 % × (1 − Σ share²) / (1 − 1/n)`: from 3 % where nearly all is spent in one place to 5 %
 * where it is spread evenly. `merchants`: as `merchantsOf` answers. Null for fewer than three of them.
 */
export function consolidationOf(merchants: readonly MerchantSpending[]): Consolidation | null {
  const [target] = merchants;
  if (!target || merchants.length < fewestMerchants) return null;
  const spent = merchants.map(({ spentMinor }) => spentMinor);
  const total = sumOf(spent);
  const concentration = over(sumOf(spent.map((each) => each * each)), total * total);
  const rate = rateOf(concentration, BigInt(merchants.length));
  const elsewhereMinor = total - target.spentMinor;
  const monthlySaving = over(rate.numerator * elsewhereMinor, rate.denominator * BigInt(windowMonths));
  return { target, merchants, elsewhereMinor, concentration, rate, monthlySaving };
}

/** Of `count` merchants, over one denominator. */
function rateOf({ numerator, denominator }: Fraction, count: bigint): Fraction {
  const spread = 2n * count * (denominator - numerator);
  return over(3n * (count - 1n) * denominator + spread, 100n * (count - 1n) * denominator);
}
