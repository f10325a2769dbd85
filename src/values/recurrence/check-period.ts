/** Checks periods that people ask for, in bounded time whatever the text. */
import { occurrencesIn } from './occurrences.ts';
import {
  maxRecurrenceLength,
  normalRecurrence,
  parseRecurrence,
  type Recurrence,
} from './parse-recurrence.ts';
import type { RecurringPeriod } from './recurring-period.ts';

/** `member`: the one at fault. A message continues its name. */
export type PeriodError = { member: 'rrule' | 'start' | 'end'; message: string };

export type Checked<Period> = { period: Period; errors: PeriodError[] };

const years = { first: 1900, last: 2200 };
const daysOnce = 3_660;
/** Between two occurrences, for so many years. */
const daysBetween = 400;
const yearsChecked = 10;
const example = 'FREQ=MONTHLY;BYMONTHDAY=25';

/** Days are valid. Of a rule that began long ago the occurrences from `today` on are looked at. */
export function checkRecurringPeriod(
  { rrule, start }: RecurringPeriod,
  today: string,
): Checked<RecurringPeriod> {
  const period = { rrule: normalRecurrence(rrule.slice(0, 2 * maxRecurrenceLength)), start };
  const errors = outsideYears('start', start);
  const parsed = parseRecurrence(period.rrule);
  if (!parsed.ok)
    errors.push({ member: 'rrule', message: `must be a rule like ${example}: ${parsed.message}` });
  else if (errors.length === 0) errors.push(...checkOccurrences(parsed.recurrence, start, today));
  return { period, errors };
}

export function checkOnce(period: { start: string; end: string }): Checked<{ start: string; end: string }> {
  const { start, end } = period;
  const errors = [...outsideYears('start', start), ...outsideYears('end', end)];
  const days = Temporal.PlainDate.from(start).until(end, { largestUnit: 'days' }).days;
  if (days < 1)
    errors.push({ member: 'end', message: 'must be after the start; it is the day after the last' });
  if (days > daysOnce)
    errors.push({ member: 'end', message: `must be at most ${daysOnce} days after the start` });
  return { period, errors };
}

function outsideYears(member: 'start' | 'end', day: string): PeriodError[] {
  const { year } = Temporal.PlainDate.from(day);
  return year >= years.first && year <= years.last
    ? []
    : [{ member, message: `must be a day of the years ${years.first} to ${years.last}` }];
}

function checkOccurrences(recurrence: Recurrence, start: string, today: string): PeriodError[] {
  const from = start > today ? start : today;
  const { year } = Temporal.PlainDate.from(from);
  const inYears = (first: number, last: number): string[] =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index).flatMap((each) =>
      occurrencesIn(recurrence, start, each),
    );
  const ahead = inYears(year - 1, year + yearsChecked);
  const errors: PeriodError[] = [];
  if (!isOften(ahead, from))
    errors.push({ member: 'rrule', message: `must recur within ${daysBetween} days, again and again` });
  const own = inYears(Temporal.PlainDate.from(start).year, Temporal.PlainDate.from(start).year + 1);
  if (own.length > 0 && own[0] !== start)
    errors.push({ member: 'start', message: `must be a day on which the rule recurs, like ${own[0]}` });
  return errors;
}

/** True if no two occurrences are too far apart, from the one at or before `from` for ten years. */
function isOften(occurrences: readonly string[], from: string): boolean {
  const horizon = Temporal.PlainDate.from(from).add({ years: yearsChecked }).toString();
  const before = occurrences.findLast((each) => each <= from) ?? from;
  const days = [before, ...occurrences.filter((each) => each > from && each < horizon), horizon];
  return days.every((each, index) => {
    const next = days[index + 1];
    return next === undefined || daysFrom(each, next) <= daysBetween;
  });
}

const daysFrom = (one: string, other: string): number =>
  Temporal.PlainDate.from(one).until(other, { largestUnit: 'days' }).days;
