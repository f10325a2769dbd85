/**
 * Figures of a statistic, as the database keeps them: decimals of a minor unit, in text. They are compared and
 * rounded as integers.
 */
import { over, rounded } from './fraction.ts';

const decimals = 20;
const one = 10n ** BigInt(decimals);

/** The decimal times 10^20; what is beyond that is cut off. */
export function scaled(text: string): bigint {
  const [whole = '', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.slice(0, decimals).padEnd(decimals, '0'));
}

/** In whole minor units, of three significant digits at most; half is rounded away from zero. */
export function threeDigits(text: string): bigint {
  const value = scaled(text);
  const wholeDigits = String(value < 0n ? -value / one : value / one).length;
  const unit = 10n ** BigInt(Math.max(0, wholeDigits - 3));
  return rounded(over(value, unit * one)) * unit;
}
