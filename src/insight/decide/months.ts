/**
 * A person's spending by their local, complete months. A month that began before the first expense is none:
 * half a month taken for a whole one would pass for cheap. Afterwards a month without spending counts as 0.
 */

/**
 * What was spent in a category at a merchant on a local day, in minor units of one currency; below 0 where
 * refunds were more. `purchases`: how many expenses above 0 it is made of.
 */
export type DaySpending = {
  categoryId: string;
  merchant: string | null;
  day: string;
  amountMinor: bigint;
  purchases: number;
};

/** `month`: `YYYY-MM`. */
export type Month = { month: string; totalMinor: bigint; purchases: number };

/** Further back nothing is looked at. */
const monthsLookedAt = 6;

/** The first local day of whatever a profile made on the day `today` is made of. */
export const firstDayLookedAt = (today: string): string =>
  monthOf(today).subtract({ months: monthsLookedAt }).toPlainDate({ day: 1 }).toString();

/** The complete months before today's, oldest first, at most so many. `firstDay`: of the first expense of all. */
export function completeMonthsOf(firstDay: string, today: string, atMost: number = monthsLookedAt): string[] {
  const first = firstDay.endsWith('-01') ? monthOf(firstDay) : monthOf(firstDay).add({ months: 1 });
  const current = monthOf(today);
  const count = Math.min(atMost, first.until(current, { largestUnit: 'months' }).months);
  return Array.from({ length: Math.max(0, count) }, (_, place) =>
    current.subtract({ months: count - place }).toString(),
  );
}

const monthOf = (day: string): Temporal.PlainYearMonth => Temporal.PlainDate.from(day).toPlainYearMonth();

/** What of the spending lies in each of the months. */
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
