/** The periods between the occurrences of a recurrence rule: each begins with one and ends before the next. */
import { remember } from '../remember.ts';
import { occurrencesIn } from './occurrences.ts';
import { parseRecurrence, type Recurrence } from './parse-recurrence.ts';

/** `start` is an occurrence, from which the rule is counted. Days are `YYYY-MM-DD`. */
export type RecurringPeriod = { rrule: string; start: string };

type Days = { start: string; end: string };

const rememberedRules = 2_000;
const rememberedYears = 4_000;
const rememberedDays = 20_000;

/** A rule recurs within 400 days, at least for its first ten years. Beyond this it is taken to have ended. */
const yearsAhead = 50;

/** Throws for a rule that was never valid. */
const recurrenceOf = remember(rememberedRules, (rrule: string): Recurrence => {
  const parsed = parseRecurrence(rrule);
  if (!parsed.ok) throw new RangeError(`not a recurrence rule: ${parsed.message}`);
  return parsed.recurrence;
});

/** The occurrences in a year, in order. */
export const occurrences: (rrule: string, start: string, year: string) => readonly string[] = remember(
  rememberedYears,
  (rrule: string, start: string, year: string) => occurrencesIn(recurrenceOf(rrule), start, Number(year)),
);

/** The period that contains `day`; null before `start`. */
export const recurringPeriod: (rrule: string, start: string, day: string) => Readonly<Days> | null = remember(
  rememberedDays,
  (rrule: string, start: string, day: string) =>
    day < start ? null : { start: lastUpTo({ rrule, start }, day), end: firstAfter({ rrule, start }, day) },
);

const yearOf = (day: string): number => Temporal.PlainDate.from(day).year;

function lastUpTo({ rrule, start }: RecurringPeriod, day: string): string {
  for (let year = yearOf(day); year >= yearOf(start); year -= 1) {
    const found = occurrences(rrule, start, String(year)).findLast((each) => each <= day);
    if (found !== undefined) return found;
  }
  return start;
}

function firstAfter({ rrule, start }: RecurringPeriod, day: string): string {
  const last = yearOf(day) + yearsAhead;
  for (let year = yearOf(day); year <= last; year += 1) {
    const found = occurrences(rrule, start, String(year)).find((each) => each > day);
    if (found !== undefined) return found;
  }
  return Temporal.PlainDate.from({ year: last + 1, month: 1, day: 1 }).toString();
}
