/** How much of a tenant's spending falls on each day, by its weekday, day of the month and season. Days are numbers. */
import { dayNumber, dayText } from '../recurring-schedule.ts';
import { evenSeasons, seasonOf, seasonsOf } from './seasons.ts';

const weekLength = 7;
const longestMonth = 31;

/** The weights of Monday to Sunday, of the 1st to the 31st, and of the days of a year; 1 is a usual day. */
export type DayShares = {
  weekdays: readonly number[];
  monthDays: readonly number[];
  seasons: readonly number[];
};

export const evenDays: DayShares = {
  weekdays: Array.from({ length: weekLength }, () => 1),
  monthDays: Array.from({ length: longestMonth }, () => 1),
  seasons: evenSeasons,
};

/** 1 January 1970 was a Thursday. */
const weekdayOf = (day: number): number => (((day + 3) % weekLength) + weekLength) % weekLength;

/** Numbers of the days of the month, from 0, for each day from `first` until before `end`. */
function* monthDaysFrom(first: number, end: number): Generator<number> {
  let date = Temporal.PlainDate.from(dayText(first));
  for (let day = first; day < end;) {
    const left = date.daysInMonth - date.day + 1;
    for (let at = 0; at < left && day < end; at++, day++) yield date.day - 1 + at;
    date = date.with({ day: 1 }).add({ months: 1 });
  }
}

/** Sums of weights over spans of days, within `[first, end)`. */
export class DayWeights {
  readonly #first: number;
  readonly #sums: Float64Array;

  /** Seasons count from day `seasonsFrom` on: what lies before is compared as it was. */
  constructor({ weekdays, monthDays, seasons }: DayShares, first: number, end: number, seasonsFrom = end) {
    this.#first = first;
    this.#sums = new Float64Array(Math.max(0, end - first) + 1);
    let at = 0;
    for (const monthDay of monthDaysFrom(first, end)) {
      const day = first + at;
      const season = day < seasonsFrom ? 1 : seasonOf(seasons, day);
      const weight = (weekdays[weekdayOf(day)] ?? 1) * (monthDays[monthDay] ?? 1) * season;
      this.#sums[at + 1] = (this.#sums[at] ?? 0) + weight;
      at += 1;
    }
  }

  /** From day `from` until before day `to`. */
  between(from: number, to: number): number {
    const at = (day: number) =>
      this.#sums[Math.min(Math.max(day - this.#first, 0), this.#sums.length - 1)] ?? 0;
    return at(to) - at(from);
  }
}

/** A day of the month is drawn to the usual by as much as a month of purchases. */
const drawnBy = 30;

/** `purchases`: of everybody, on each day from `first` on. */
export function sharesOf(purchases: readonly number[], first: number): DayShares {
  const usual = purchases.reduce((sum, count) => sum + count, 0) / Math.max(1, purchases.length);
  if (usual === 0) return evenDays;
  const week = new Tally(weekLength);
  for (const [at, count] of purchases.entries()) week.add(weekdayOf(first + at), count, usual);
  const weekdays = week.weights(0);
  const month = new Tally(longestMonth);
  const days = monthDaysFrom(first, first + purchases.length);
  for (const [at, count] of purchases.entries())
    month.add(days.next().value ?? 0, count, usual * (weekdays[weekdayOf(first + at)] ?? 1));
  const even = { weekdays, monthDays: month.weights(drawnBy * usual), seasons: evenSeasons };
  const end = first + purchases.length;
  const weights = new DayWeights(even, first, end);
  return { ...even, seasons: seasonsOf(purchases, first, (from, to) => weights.between(from, to)) };
}

/** Counts beside what was expected of them. */
class Tally {
  readonly #found: number[];
  readonly #usual: number[];

  constructor(length: number) {
    this.#found = Array.from({ length }, () => 0);
    this.#usual = Array.from({ length }, () => 0);
  }

  add(at: number, count: number, expected: number): void {
    this.#found[at] = (this.#found[at] ?? 0) + count;
    this.#usual[at] = (this.#usual[at] ?? 0) + expected;
  }

  /** `drawn`: counts as usual as this are added to each. */
  weights(drawn: number): number[] {
    return this.#found.map((count, at) => {
      const usual = (this.#usual[at] ?? 0) + drawn;
      return usual > 0 ? (count + drawn) / usual : 1;
    });
  }
}

/** Weights for the days that a forecast on `today` asks for. */
export function weightsAround(shares: DayShares, today: string): DayWeights {
  const day = dayNumber(today);
  const month = Temporal.PlainDate.from(today).with({ day: 1 }).toString();
  return new DayWeights(shares, day - daysAround, day + daysAround, dayNumber(month));
}

/** Two years before, and a year and a month ahead. */
const daysAround = 800;
