/**
 * Reads statistical figures, which the database stores as decimal text of minor units. They are compared and
 * rounded as integers.
 */
import { over, rounded } from './fraction.ts';

const decimals = 20;
const one = 10n ** BigInt(decimals);

/** The decimal times 10^20. Further decimals are cut off. */
export function scaled(text: string): bigint {
  const [whole = '', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.slice(0, decimals).padEnd(decimals, '0'));
}

/** Whole minor units with at most three significant digits. Halves are rounded away from zero. */
export function threeDigits(text: string): bigint {
  const value = scaled(text);
  const wholeDigits = String(value < 0n ? -value / one : value / one).length;
  const unit = 10n ** BigInt(Math.max(0, wholeDigits - 3));
  return rounded(over(value, unit * one)) * unit;
}
