/** Compares a person's last three months in a category with the three before. */
import { type Fraction, over, sumOf } from './fraction.ts';
import { amountsOf, type Month } from './months.ts';

export type Trend = {
  /** Share of the earlier mean. Negative if spending fell. */
  increase: Fraction;
};

const span = 3;
const fewestEarlier = 2;

/** `months` are complete, oldest first. Null if there are too few of them or nothing was spent before. */
export function trendOf(months: readonly Month[]): Trend | null {
  const recent = months.slice(-span);
  const earlier = months.slice(-2 * span, -span);
  if (recent.length < span || earlier.length < fewestEarlier) return null;
  const before = sumOf(amountsOf(earlier));
  if (before <= 0n) return null;
  const scaled = sumOf(amountsOf(recent)) * BigInt(earlier.length);
  const base = before * BigInt(span);
  return { increase: over(scaled - base, base) };
}
