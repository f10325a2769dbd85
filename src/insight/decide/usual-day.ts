/** Compares a day's spending with the usual day of its kind. Amounts are minor units. Pure. */
import { percentMore } from '../../values/figures.ts';

/** People spend otherwise on weekends, so a day is compared with days of its kind. */
export type DayKind = 'weekday' | 'weekend';

/**
 * `pct`: the difference from the median of the spending days of that kind. `isLargest`: no day of any kind was as large.
 * Days without spending are no spending days: a summary comes only after a day with spending.
 */
export type UsualDay = { kind: DayKind; pct: number; isLargest: boolean };

/** The days before that are looked at. */
export const usualDays = 60;
const leastDays = 5;
const saturday = 6;

export const kindOf = (day: string): DayKind =>
  Temporal.PlainDate.from(day).dayOfWeek >= saturday ? 'weekend' : 'weekday';

/** `before`: totals of the days before, in any order, each day once. Null with fewer than five days to compare with. */
export function compareWithUsual(
  { day, totalMinor }: { day: string; totalMinor: bigint },
  before: readonly { day: string; totalMinor: bigint }[],
): UsualDay | null {
  const kind = kindOf(day);
  const spent = before.filter((each) => each.totalMinor > 0n);
  const alike = spent
    .filter((each) => kindOf(each.day) === kind)
    .map((each) => each.totalMinor)
    .toSorted((one, other) => (one < other ? -1 : one > other ? 1 : 0));
  if (alike.length < leastDays) return null;
  const [low = 0n, high = 0n] = [
    alike[Math.floor((alike.length - 1) / 2)],
    alike[Math.ceil((alike.length - 1) / 2)],
  ];
  const pct = percentMore(2n * totalMinor, low + high);
  return pct === null ? null : { kind, pct, isLargest: spent.every((each) => each.totalMinor < totalMinor) };
}
