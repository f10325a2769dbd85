/** Finds the days of a year that a recurrence rule names. */
import { type CalendarDay, daysOfYear, toCalendarDay } from './calendar-days.ts';
import type { NthWeekday, Recurrence } from './parse-recurrence.ts';

/**
 * The occurrences in `year` from `start` on, in order. `start` is the rule's own, from which its intervals are counted and
 * which gives what the rule leaves open. It looks at each day of the year once, so no rule takes long.
 */
export function occurrencesIn(recurrence: Recurrence, start: string, year: number): string[] {
  const first = toCalendarDay(Temporal.PlainDate.from(start));
  const rule = completed(recurrence, first);
  const firstUnit = unitOf(rule, first);
  const days = aroundYear(year).filter((each) => isMet(rule, each));
  const units = Map.groupBy(days, (each) => unitOf(rule, each));
  return [...units]
    .filter(([unit]) => unit >= firstUnit && (unit - firstUnit) % rule.interval === 0)
    .flatMap(([, inUnit]) => (rule.positions ? pick(inUnit, rule.positions) : inUnit))
    .filter((each) => each.year === year && each.day >= start)
    .map(({ day }) => day);
}

/** A week belongs to two years at most, and its positions are counted in the whole of it. */
const aroundYear = (year: number): CalendarDay[] => [
  ...daysOfYear(String(year - 1)).slice(-6),
  ...daysOfYear(String(year)),
  ...daysOfYear(String(year + 1)).slice(0, 6),
];

/** Without days the rule takes those of its start. */
function completed(rule: Recurrence, start: CalendarDay): Recurrence {
  if (rule.daysOfMonth || rule.daysOfYear || rule.weekdays || rule.frequency === 'DAILY') return rule;
  if (rule.frequency === 'WEEKLY' || rule.weeks)
    return { ...rule, weekdays: [{ weekday: start.weekday, nth: null }] };
  const months = rule.frequency === 'YEARLY' ? (rule.months ?? [start.month]) : rule.months;
  return { ...rule, months, daysOfMonth: [start.dayOfMonth] };
}

/** The number of the day, week, month or year that intervals count. */
function unitOf({ frequency, weekStart }: Recurrence, { number, weekday, year, month }: CalendarDay): number {
  switch (frequency) {
    case 'DAILY':
      return number;
    case 'WEEKLY':
      return Math.floor((number - ((weekday - weekStart + 7) % 7)) / 7);
    case 'MONTHLY':
      return year * 12 + month;
    case 'YEARLY':
      return year;
  }
}

const isMet = (rule: Recurrence, day: CalendarDay): boolean =>
  (rule.months?.includes(day.month) ?? true) &&
  isListed(rule.weeks, day.week, day.weeks) &&
  isListed(rule.daysOfYear, day.dayOfYear, day.daysInYear) &&
  isListed(rule.daysOfMonth, day.dayOfMonth, day.daysInMonth) &&
  (rule.weekdays?.some((each) => isNth(each, rule, day)) ?? true);

/** True if the list holds the number, or the same counted from the end, where the last of `count` is -1. */
const isListed = (list: readonly number[] | null, number: number, count: number): boolean =>
  list === null || list.includes(number) || list.includes(number - count - 1);

/** Weekdays of a year are counted in it, unless the rule names months. */
function isNth({ weekday, nth }: NthWeekday, { frequency, months }: Recurrence, day: CalendarDay): boolean {
  if (day.weekday !== weekday) return false;
  if (nth === null) return true;
  const inYear = frequency === 'YEARLY' && months === null;
  const number = inYear ? day.dayOfYear : day.dayOfMonth;
  const count = inYear ? day.daysInYear : day.daysInMonth;
  return nth > 0 ? Math.ceil(number / 7) === nth : Math.ceil((count - number + 1) / 7) === -nth;
}

function pick(days: readonly CalendarDay[], positions: readonly number[]): CalendarDay[] {
  return days.filter((_, index) => isListed(positions, index + 1, days.length));
}
