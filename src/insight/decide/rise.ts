/**
 * Compares a person's last three months in a category with the three before, and with the same months of the year
 * before. Recurring charges are left out.
 *
 * A steady buyer's month is a compound Poisson sum: its variance is about the sum of the squared purchases. So a few
 * large purchases prove little, and many small ones much.
 */
import { meanOf, rounded, sumOf } from './fraction.ts';
import {
  amountsOf,
  completeMonthsOf,
  type DaySpending,
  type Month,
  monthsLookedAt,
  purchasesOf,
} from './months.ts';

/** `boughtMinor`: without refunds. `squares`: the sum of squared purchases, in squared minor units. */
export type BoughtMonth = Month & { boughtMinor: bigint; largestMinor: bigint; squares: number };

/** The mean of a month, and the rise against it, divided by its standard deviation by chance alone. */
type Compared = { meanMinor: bigint; z: number };

/**
 * Means are of a month, in minor units. `earlierMinor` leaves refunds out, so that a refund makes no small base.
 * `deviation`: the standard deviation of `recentMinor − earlierMinor` by chance alone. `z`: that difference divided by
 * it. `p`: the probability of a larger `z` by chance. `monthsAbove`: recent months above `earlierMinor`.
 * `largestMinor`: the largest recent purchase. `before`: up to six months before these. `lastYear`: the recent months a
 * year before. They are null with fewer than three months, and leave refunds out.
 */
export type Rise = {
  earlier: readonly BoughtMonth[];
  recent: readonly BoughtMonth[];
  earlierMinor: bigint;
  recentMinor: bigint;
  before: Compared | null;
  lastYear: Compared | null;
  deviation: number;
  z: number;
  p: number;
  monthsAbove: number;
  recentPurchases: number;
  largestMinor: bigint;
};

const span = 3;
const yearMonths = 12;
const mostBefore = 6;

/** The complete months of a category, oldest first. `firstDay`: the day of its first expense ever. */
export function boughtMonthsOf(
  spending: readonly DaySpending[],
  firstDay: string,
  today: string,
): BoughtMonth[] {
  const byMonth = Map.groupBy(
    spending.filter(({ isRecurring }) => !isRecurring),
    ({ day }) => day.slice(0, 'YYYY-MM'.length),
  );
  return completeMonthsOf(firstDay, today, monthsLookedAt).map((month) =>
    boughtMonth(month, byMonth.get(month) ?? []),
  );
}

const boughtMonth = (month: string, own: readonly DaySpending[]): BoughtMonth => ({
  month,
  totalMinor: sumOf(own.map(({ amountMinor }) => amountMinor)),
  purchases: own.reduce((count, { purchases }) => count + purchases, 0),
  boughtMinor: sumOf(own.map(({ boughtMinor }) => boughtMinor)),
  largestMinor: own.reduce((most, { largestMinor }) => (largestMinor > most ? largestMinor : most), 0n),
  squares: own.reduce((sum, { squares }) => sum + squares, 0),
});

/** Whether a rise could be found: six months are known, and something was bought in them. */
export const isJudged = (months: readonly BoughtMonth[]): boolean =>
  months.length >= 2 * span && purchasesOf(months.slice(-2 * span)) > 0;

/**
 * `months` are complete, oldest first. Null if there are too few of them, if nothing was bought in the earlier ones, or if spending has not
 * risen.
 */
export function riseOf(months: readonly BoughtMonth[]): Rise | null {
  const recent = months.slice(-span);
  const earlier = months.slice(-2 * span, -span);
  if (earlier.length < span) return null;
  const earlierMinor = meanBought(earlier);
  const recentMinor = rounded(meanOf(amountsOf(recent)));
  if (earlierMinor <= 0n || recentMinor <= earlierMinor) return null;
  const deviation = Math.sqrt(varianceOfMean(earlier) + varianceOfMean(recent));
  const z = Number(recentMinor - earlierMinor) / deviation;
  return {
    earlier,
    recent,
    earlierMinor,
    recentMinor,
    before: compared(recent, months.slice(-2 * span - mostBefore, -2 * span)),
    lastYear: compared(recent, months.slice(-span - yearMonths, -yearMonths)),
    deviation,
    z,
    p: chanceAbove(z),
    monthsAbove: recent.filter(({ totalMinor }) => totalMinor > earlierMinor).length,
    recentPurchases: purchasesOf(recent),
    largestMinor: recent.reduce((most, { largestMinor }) => (largestMinor > most ? largestMinor : most), 0n),
  };
}

const meanBought = (months: readonly BoughtMonth[]): bigint =>
  rounded(meanOf(months.map(({ boughtMinor }) => boughtMinor)));

/** Of the mean of a month. */
const varianceOfMean = (months: readonly BoughtMonth[]): number =>
  months.reduce((sum, { squares }) => sum + squares, 0) / months.length ** 2;

function compared(recent: readonly BoughtMonth[], months: readonly BoughtMonth[]): Compared | null {
  if (months.length < span) return null;
  const meanMinor = meanBought(months);
  const rise = Number(rounded(meanOf(amountsOf(recent))) - meanMinor);
  return { meanMinor, z: rise / Math.sqrt(varianceOfMean(months) + varianceOfMean(recent)) };
}

/** The upper tail of the standard normal distribution for `z` ≥ 0: Abramowitz and Stegun 26.2.17, within 1e-7. */
function chanceAbove(z: number): number {
  const t = 1 / (1 + 0.231_641_9 * z);
  const series =
    t *
    (0.319_381_53 + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
}
