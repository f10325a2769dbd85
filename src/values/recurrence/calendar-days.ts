/** The days of a year with what recurrence rules ask of them. Worked out once, for all rules. */
import { remember } from '../remember.ts';

/** `weekday`: 1 is Monday. `week`: of ISO 8601, as `weeks`, the number of weeks in its year. `number`: rises by 1 each day. */
export type CalendarDay = {
  day: string;
  number: number;
  year: number;
  month: number;
  dayOfMonth: number;
  daysInMonth: number;
  dayOfYear: number;
  daysInYear: number;
  weekday: number;
  week: number;
  weeks: number;
};

const rememberedYears = 64;
const epoch = Temporal.PlainDate.from('1970-01-01');

/** The days of a year, in order. */
export const daysOfYear: (year: string) => readonly CalendarDay[] = remember(
  rememberedYears,
  (year: string) => {
    const first = Temporal.PlainDate.from({ year: Number(year), month: 1, day: 1 });
    return Array.from({ length: first.daysInYear }, (_, index) => toCalendarDay(first.add({ days: index })));
  },
);

export function toCalendarDay(date: Temporal.PlainDate): CalendarDay {
  return {
    day: date.toString(),
    number: epoch.until(date, { largestUnit: 'days' }).days,
    year: date.year,
    month: date.month,
    dayOfMonth: date.day,
    daysInMonth: date.daysInMonth,
    dayOfYear: date.dayOfYear,
    daysInYear: date.daysInYear,
    weekday: date.dayOfWeek,
    week: date.weekOfYear ?? 0,
    weeks: date.yearOfWeek === undefined ? 0 : weeksOf(String(date.yearOfWeek)),
  };
}

/** The 28th of December always lies in the last week of its year. */
const weeksOf = remember(
  rememberedYears,
  (year: string) => Temporal.PlainDate.from({ year: Number(year), month: 12, day: 28 }).weekOfYear ?? 0,
);
