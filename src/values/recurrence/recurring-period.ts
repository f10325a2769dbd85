/** The periods between the occurrences of a recurrence rule: each begins with one and ends before the next. */
import { remember } from '../remember.ts';
import { occurrencesIn } from './occurrences.ts';
import { parseRecurrence } from './parse-recurrence.ts';

/** `start` is an occurrence, from which the rule is counted. Days are `YYYY-MM-DD`. */
export type RecurringPeriod = { rrule: string; start: string };

type OccurrencesOf = (year: string) => readonly string[];

const rememberedRules = 2_000;
const rememberedYears = 64;

/** A rule recurs within 400 days, at least for its first ten years. Beyond this it is taken to have ended. */
const yearsAhead = 50;

/** The occurrences of a rule by year, in order, each year worked out once. Throws for a rule that was never valid. */
const occurrencesOf = remember(rememberedRules, (rrule: string, start: string): OccurrencesOf => {
  const parsed = parseRecurrence(rrule);
  if (!parsed.ok) throw new RangeError(`not a recurrence rule: ${parsed.message}`);
  return remember(rememberedYears, (year: string) => occurrencesIn(parsed.recurrence, start, Number(year)));
});

/** The period that contains `day`; null before `start`. */
export function recurringPeriod(
  { rrule, start }: RecurringPeriod,
  day: string,
): { start: string; end: string } | null {
  if (day < start) return null;
  const occurrences = occurrencesOf(rrule, start);
  return { start: lastUpTo(occurrences, start, day), end: firstAfter(occurrences, day) };
}

/** Also of a day in a year of five digits, which has a sign. */
const yearOf = (day: string): number => Number(day.slice(0, -'-MM-DD'.length));

function lastUpTo(occurrences: OccurrencesOf, start: string, day: string): string {
  for (let year = yearOf(day); year >= yearOf(start); year -= 1) {
    const inYear = occurrences(String(year));
    const found = inYear[countUpTo(inYear, day) - 1];
    if (found !== undefined) return found;
  }
  return start;
}

function firstAfter(occurrences: OccurrencesOf, day: string): string {
  const last = yearOf(day) + yearsAhead;
  for (let year = yearOf(day); year <= last; year += 1) {
    const inYear = occurrences(String(year));
    const found = inYear[countUpTo(inYear, day)];
    if (found !== undefined) return found;
  }
  return Temporal.PlainDate.from({ year: last + 1, month: 1, day: 1 }).toString();
}

/** How many of the sorted days are `day` or before it, by halving. */
function countUpTo(days: readonly string[], day: string): number {
  let from = 0;
  let to = days.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((days[middle] ?? '') <= day) from = middle + 1;
    else to = middle;
  }
  return from;
}
