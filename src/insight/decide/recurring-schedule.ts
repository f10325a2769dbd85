/**
 * The days on which a recurring charge is due. Days are numbers here, counted from 1 January 1970, because series are
 * searched in many small steps.
 */
import { remember } from '../../values/remember.ts';

export const cadences = ['weekly', 'fortnightly', 'monthly', 'quarterly', 'yearly'] as const;
export type Cadence = (typeof cadences)[number];

/**
 * `every`: the days or months between two charges. `toleranceDays`: how far from its due day a charge may lie, as
 * weekends, holidays and slow banks shift it. `fixed` and `variable`: the fewest charges that make a series, at one
 * price and at any. `sure`: from so many charges on a series of one price needs no confirmation. `priceBefore`: so many
 * charges make the price before a change.
 */
type Terms = {
  unit: 'days' | 'months';
  every: number;
  toleranceDays: number;
  fixed: number;
  variable: number;
  sure: number;
  priceBefore: number;
};

export const termsOf: Readonly<Record<Cadence, Terms>> = {
  weekly: { unit: 'days', every: 7, toleranceDays: 2, fixed: 3, variable: 6, sure: 4, priceBefore: 3 },
  fortnightly: { unit: 'days', every: 14, toleranceDays: 3, fixed: 3, variable: 5, sure: 4, priceBefore: 3 },
  monthly: { unit: 'months', every: 1, toleranceDays: 5, fixed: 3, variable: 4, sure: 3, priceBefore: 2 },
  quarterly: { unit: 'months', every: 3, toleranceDays: 8, fixed: 2, variable: 3, sure: 3, priceBefore: 2 },
  yearly: { unit: 'months', every: 12, toleranceDays: 14, fixed: 2, variable: 3, sure: 2, priceBefore: 1 },
};

/** Some monthly and longer charges come after a fixed number of days: four weeks, 30 days, 13 weeks. */
const fixedDays: Readonly<Record<Cadence, readonly number[]>> = {
  weekly: [7],
  fortnightly: [14],
  monthly: [28, 30],
  quarterly: [90, 91],
  yearly: [364, 365],
};

/** The due days `first + every * k`, or the `dayOfMonth` of each such month; a shorter month has its last day. */
export type Schedule =
  | { unit: 'days'; every: number; first: number }
  | { unit: 'months'; every: number; first: number; dayOfMonth: number };

const epoch = Temporal.PlainDate.from('1970-01-01');
const rememberedDays = 20_000;
const rememberedMonths = 20_000;

/** `YYYY-MM-DD` as a number. */
export const dayNumber: (day: string) => number = remember(
  rememberedDays,
  (day: string) => epoch.until(Temporal.PlainDate.from(day), { largestUnit: 'days' }).days,
);

export const dayText = (number: number): string => epoch.add({ days: number }).toString();

const usualMonthDays = 30.436875;

/** By month, since the search asks for the same few many thousand times. */
const firstDays = new Map<number, number>();

/** Months are numbered from January 1970, which is 0. */
function firstOfMonth(month: number): number {
  const known = firstDays.get(month);
  if (known !== undefined) return known;
  const first = epoch.until(epoch.add({ months: month }), { largestUnit: 'days' }).days;
  if (firstDays.size < rememberedMonths) firstDays.set(month, first);
  return first;
}

function monthNumber(day: number): number {
  const about = Math.floor(day / usualMonthDays);
  if (day < firstOfMonth(about)) return about - 1;
  return day < firstOfMonth(about + 1) ? about : about + 1;
}

/** The day of that number in the month, or its last day. */
const dayInMonth = (month: number, dayOfMonth: number): number =>
  Math.min(firstOfMonth(month) + dayOfMonth, firstOfMonth(month + 1)) - 1;

/** The due day number `k`; 0 is that of `first`. */
export const dueDay = (schedule: Schedule, k: number): number =>
  schedule.unit === 'days'
    ? schedule.first + schedule.every * k
    : dayInMonth(schedule.first + schedule.every * k, schedule.dayOfMonth);

/** The number `k` of the due day nearest to `day`. */
export function nearestDue(schedule: Schedule, day: number): number {
  if (schedule.unit === 'days') return Math.round((day - schedule.first) / schedule.every);
  const about = Math.round((monthNumber(day) - schedule.first) / schedule.every);
  const distance = (k: number) => Math.abs(dueDay(schedule, k) - day);
  return [about - 1, about + 1].reduce((best, k) => (distance(k) < distance(best) ? k : best), about);
}

/** Days by which `day` is off its due day. */
export const deviation = (schedule: Schedule, day: number): number =>
  Math.abs(dueDay(schedule, nearestDue(schedule, day)) - day);

/** Days by which `later` is off the day that lies `periods` after `earlier`. */
export function gapDeviation(cadence: Cadence, earlier: number, later: number, periods: number): number {
  const { unit, every } = termsOf[cadence];
  if (unit === 'days') return Math.abs(later - earlier - every * periods);
  const month = monthNumber(earlier);
  return Math.abs(dayInMonth(month + every * periods, earlier - firstOfMonth(month) + 1) - later);
}

/** The schedule from which `days` are off least in sum. Of several it is that of the calendar, and the later day. */
export function fitSchedule(cadence: Cadence, days: readonly number[]): Schedule {
  const [first = { unit: 'days', every: 1, first: 0 }, ...others] = candidates(cadence, days);
  const offBy = (schedule: Schedule) => days.reduce((sum, day) => sum + deviation(schedule, day), 0);
  let best = { schedule: first, off: offBy(first) };
  for (const schedule of others) {
    const off = offBy(schedule);
    if (off < best.off) best = { schedule, off };
  }
  return best.schedule;
}

const longestMonth = 31;

function* candidates(cadence: Cadence, days: readonly number[]): Generator<Schedule> {
  const last = days.at(-1) ?? 0;
  const { unit, every } = termsOf[cadence];
  if (unit === 'months')
    for (const first of nearMonths(every, monthNumber(last)))
      for (let dayOfMonth = longestMonth; dayOfMonth > 0; dayOfMonth--)
        yield { unit, every, first, dayOfMonth };
  for (const length of fixedDays[cadence])
    for (const first of new Set(days)) yield { unit: 'days', every: length, first };
}

/** A charge due on the 31st or the 1st may come in the month after or before. In a monthly series these are the same. */
const nearMonths = (every: number, month: number): number[] =>
  every === 1 ? [month] : [month, month - 1, month + 1];
