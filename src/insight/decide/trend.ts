/** Compares a person's last three months in a category with the three before. */
import { type Fraction, meanOf, over, sumOf } from './fraction.ts';
import { amountsOf, type Month } from './months.ts';

export type Trend = {
  earlier: Month[];
  recent: Month[];
  earlierMean: Fraction;
  recentMean: Fraction;
  /** Share of the earlier mean. Negative if spending fell. */
  increase: Fraction;
};

const span = 3;
const fewestEarlier = 2;
/** A larger increase becomes a suggestion. */
export const notableIncrease: Fraction = over(10n, 100);

/** `months` are complete, oldest first. Null if there are too few of them or nothing was spent before. */
export function trendOf(months: readonly Month[]): Trend | null {
  const recent = months.slice(-span);
  const earlier = months.slice(-2 * span, -span);
  if (recent.length < span || earlier.length < fewestEarlier) return null;
  const before = sumOf(amountsOf(earlier));
  if (before <= 0n) return null;
  const [recentMean, earlierMean] = [meanOf(amountsOf(recent)), meanOf(amountsOf(earlier))];
  const scaled = sumOf(amountsOf(recent)) * BigInt(earlier.length);
  const base = before * BigInt(span);
  return { earlier, recent, earlierMean, recentMean, increase: over(scaled - base, base) };
}
