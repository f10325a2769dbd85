/** Estimates the saving from buying at one merchant instead of several. */
import { type Fraction, over, sumOf } from './fraction.ts';
import type { MerchantSpending } from './merchant-spending.ts';

/** `concentration` is Σ share². `rate` is the saved share of the spending elsewhere. */
export type Consolidation = {
  target: MerchantSpending;
  merchants: readonly MerchantSpending[];
  elsewhereMinor: bigint;
  concentration: Fraction;
  rate: Fraction;
  monthlySaving: Fraction;
};

const fewestMerchants = 3;
/** The 90-day window counts as three months. */
const windowMonths = 3;

/**
 * `rate = 3 % + 2 % × (1 − Σ share²) / (1 − 1/n)`. It is 3 % if nearly all is spent at one merchant, and 5 %
 * if spending is spread evenly. `merchants` is the result of `merchantsOf`. Null for fewer than three
 * merchants.
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

/** The rate for `count` merchants, over one denominator. */
function rateOf({ numerator, denominator }: Fraction, count: bigint): Fraction {
  const spread = 2n * count * (denominator - numerator);
  return over(3n * (count - 1n) * denominator + spread, 100n * (count - 1n) * denominator);
}
