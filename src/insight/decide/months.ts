/**
 * A person's spending by complete local months. The month of the first expense counts only if it began on its
 * first day, because half a month would look cheap. Later months without spending count as 0.
 */
import type { MerchantRef } from '../../alerts/decide/apply-events.ts';

/**
 * Spending in a category at a merchant on a local day, in minor units of one currency. Negative if refunds
 * exceed it. `purchases` counts the expenses above 0, `boughtMinor` is their sum, `largestMinor` the largest of them and
 * `squares` the sum of their squares. `merchantRef`: the merchant, if it has an id. `isRecurring`: these are charges of a
 * recurring charge.
 */
export type DaySpending = {
  categoryId: string;
  merchant: string | null;
  merchantRef: MerchantRef | null;
  day: string;
  amountMinor: bigint;
  purchases: number;
  boughtMinor: bigint;
  largestMinor: bigint;
  squares: number;
  isRecurring: boolean;
};

/** `month` is `YYYY-MM`. */
export type Month = { month: string; totalMinor: bigint; purchases: number };

/** The figures of a profile cover these months. */
const monthsProfiled = 6;
/** Two years and a month, so that months are compared with those of the year before. Earlier ones are ignored. */
export const monthsLookedAt = 25;

/** The first local day that a profile built on the day `today` uses. */
export const firstDayLookedAt = (today: string): string => firstDayOf(today, monthsLookedAt);

/** The first local day whose spending is in the figures of a profile. */
export const firstDayProfiled = (today: string): string => firstDayOf(today, monthsProfiled);

const firstDayOf = (today: string, months: number): string =>
  monthOf(today).subtract({ months }).toPlainDate({ day: 1 }).toString();

/**
 * The complete months before the month of `today`, oldest first, at most `atMost`. `firstDay` is the day of
 * the first expense ever.
 */
export function completeMonthsOf(firstDay: string, today: string, atMost: number = monthsProfiled): string[] {
  const first = firstDay.endsWith('-01') ? monthOf(firstDay) : monthOf(firstDay).add({ months: 1 });
  const current = monthOf(today);
  const count = Math.min(atMost, first.until(current, { largestUnit: 'months' }).months);
  return Array.from({ length: Math.max(0, count) }, (_, index) =>
    current.subtract({ months: count - index }).toString(),
  );
}

const monthOf = (day: string): Temporal.PlainYearMonth => Temporal.PlainDate.from(day).toPlainYearMonth();

/** The totals of each month. */
export function totalsOf(spending: readonly DaySpending[], months: readonly string[]): Month[] {
  const byMonth = Map.groupBy(spending, ({ day }) => day.slice(0, 'YYYY-MM'.length));
  return months.map((month) => {
    const own = byMonth.get(month) ?? [];
    return {
      month,
      totalMinor: own.reduce((sum, { amountMinor }) => sum + amountMinor, 0n),
      purchases: own.reduce((count, { purchases }) => count + purchases, 0),
    };
  });
}

export const amountsOf = (months: readonly Month[]): bigint[] => months.map(({ totalMinor }) => totalMinor);

export const purchasesOf = (months: readonly { purchases: number }[]): number =>
  months.reduce((count, { purchases }) => count + purchases, 0);
