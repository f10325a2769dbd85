/** The published statements as spending by day, of each person in all and in each category. */
import type { Charge } from '../../../src/insight/decide/recurring.ts';
import { DailySums, type DaySum } from '../../../src/insight/decide/forecast/daily-sums.ts';
import type { Span } from '../../../src/insight/decide/forecast/expected-remaining.ts';
import type { Series } from '../../../src/insight/decide/forecast/forecast-ratios.ts';
import { dayNumber } from '../../../src/insight/decide/recurring-schedule.ts';

/** `isHeld`: of the half of the people that did not serve to choose the constants. */
export type JudgedSeries = Series & {
  isTotal: boolean;
  isHeld: boolean;
  /** Null for the person in all. */
  categoryId: string | null;
  currency: string;
  days: readonly DaySum[];
  /** The person's in all. */
  charges: readonly Charge[];
};

/** Complete months from the first to before the last, `YYYY-MM`. */
export function monthsOf(first: string, last: string): Span[] {
  const spans: Span[] = [];
  for (
    let month = Temporal.PlainYearMonth.from(first);
    month.toString() < last;
    month = month.add({ months: 1 })
  ) {
    const start = month.toPlainDate({ day: 1 });
    spans.push({ start: dayNumber(start.toString()), end: dayNumber(start.add({ months: 1 }).toString()) });
  }
  return spans;
}

/** `people`: their charges. Days outside the months are left out. */
export function seriesOf(
  people: ReadonlyMap<string, readonly Charge[]>,
  months: readonly Span[],
): JudgedSeries[] {
  const [first, end] = [months[0]?.start ?? 0, months.at(-1)?.end ?? 0];
  return [...people].flatMap(([userId, charges]) => {
    const days = charges.map(({ day, amountMinor, categoryId }) => ({
      number: dayNumber(day),
      amount: Number(amountMinor),
      purchases: amountMinor > 0n ? 1 : 0,
      categoryId,
    }));
    const own = days.filter(({ number }) => first <= number && number < end);
    const isHeld = hash(userId) % 2 === 0;
    const groups = [own, ...Map.groupBy(own, ({ categoryId }) => categoryId).values()];
    return groups
      .filter(({ length }) => length > 0)
      .map((group, index) => ({
        userId,
        isTotal: index === 0,
        isHeld,
        categoryId: index === 0 ? null : (group[0]?.categoryId ?? null),
        currency: charges[0]?.currency ?? '',
        days: group,
        charges,
        sums: new DailySums(group, first, end),
        first: Math.min(...group.map(({ number }) => number)),
      }));
  });
}

function hash(text: string): number {
  let value = 0;
  for (const character of text) value = (value * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return value;
}
