/**
 * Parses recurrence rules of whole days: `RRULE` of RFC 5545 without an end and without times of day.
 * https://www.rfc-editor.org/rfc/rfc5545#section-3.3.10
 */

const frequencies = ['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'] as const;
type Frequency = (typeof frequencies)[number];

const weekdays = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];

/** `weekday`: 1 is Monday. `nth` of the month or year, from its end where below zero; null: every one. */
export type NthWeekday = { weekday: number; nth: number | null };

/** Null where a part is not given. `weekStart`: 1 is Monday. */
export type Recurrence = {
  frequency: Frequency;
  interval: number;
  weekStart: number;
  months: number[] | null;
  weeks: number[] | null;
  daysOfYear: number[] | null;
  daysOfMonth: number[] | null;
  weekdays: NthWeekday[] | null;
  positions: number[] | null;
};

export type ParsedRecurrence = { ok: true; recurrence: Recurrence } | { ok: false; message: string };

const refused = (message: string): ParsedRecurrence => ({ ok: false, message });

export const maxRecurrenceLength = 500;

/** The part's values, each from 1 to the largest, or as far below zero where `isSigned`. */
const lists: Readonly<Record<string, { largest: number; isSigned: boolean }>> = {
  BYMONTH: { largest: 12, isSigned: false },
  BYMONTHDAY: { largest: 31, isSigned: true },
  BYYEARDAY: { largest: 366, isSigned: true },
  BYWEEKNO: { largest: 53, isSigned: true },
  BYSETPOS: { largest: 366, isSigned: true },
};

const known = new Set(['FREQ', 'INTERVAL', 'WKST', 'BYDAY', ...Object.keys(lists)]);
const ends = new Set(['COUNT', 'UNTIL']);
const times = new Set(['BYHOUR', 'BYMINUTE', 'BYSECOND']);
const part = /^([A-Z]+)=([A-Z0-9,+-]+)$/;

/** The text in upper case and without the name of its property. The same rule may still be written in several ways. */
export const normalRecurrence = (text: string): string => text.toUpperCase().replace(/^RRULE:/, '');

/** `text` is as `normalRecurrence` returns it. A message continues "must be a rule like FREQ=MONTHLY:". */
export function parseRecurrence(text: string): ParsedRecurrence {
  if (text.length > maxRecurrenceLength)
    return refused(`it may have ${maxRecurrenceLength} characters at most`);
  const parts = new Map<string, string>();
  for (const each of text.split(';')) {
    const [, name, value] = part.exec(each) ?? [];
    if (name === undefined || value === undefined)
      return refused('its parts are NAME=VALUE, separated by semicolons');
    const problem = problemOfPart(name, parts);
    if (problem !== null) return refused(problem);
    parts.set(name, value);
  }
  const recurrence = readParts(parts);
  if (typeof recurrence === 'string') return refused(recurrence);
  const problem = problemOfParts(recurrence);
  return problem === null ? { ok: true, recurrence } : refused(problem);
}

function problemOfPart(name: string, parts: ReadonlyMap<string, string>): string | null {
  if (ends.has(name)) return `${name} is not taken: the budget goes on until it is switched off`;
  if (times.has(name)) return `${name} is not taken: periods begin with a local day`;
  if (!known.has(name)) return 'a part of it is not known';
  return parts.has(name) ? `${name} is given twice` : null;
}

/** Returns what is wrong, if a value is. */
function readParts(parts: ReadonlyMap<string, string>): Recurrence | string {
  const frequency = frequencies.find((each) => each === parts.get('FREQ'));
  if (!frequency) return `FREQ is required, one of ${frequencies.join(', ')}`;
  const interval = parts.get('INTERVAL') ?? '1';
  if (!/^[1-9]\d{0,8}$/.test(interval)) return 'INTERVAL is a whole number above zero';
  const weekStart = weekdays.indexOf(parts.get('WKST') ?? 'MO') + 1;
  if (weekStart === 0) return `WKST is one of ${weekdays.join(', ')}`;
  const read = Object.keys(lists).map((name) => [name, readList(name, parts.get(name))] as const);
  const [wrong] = read.find(([, list]) => list === 'wrong') ?? [];
  if (wrong !== undefined) return `${wrong} holds a value that does not exist`;
  const byDay = readWeekdays(parts.get('BYDAY'));
  if (byDay === 'wrong') return 'BYDAY holds weekdays, like MO or -1FR';
  const listed = Object.fromEntries(read);
  const listOf = (name: string): number[] | null => (Array.isArray(listed[name]) ? listed[name] : null);
  return {
    frequency,
    interval: Number(interval),
    weekStart,
    months: listOf('BYMONTH'),
    weeks: listOf('BYWEEKNO'),
    daysOfYear: listOf('BYYEARDAY'),
    daysOfMonth: listOf('BYMONTHDAY'),
    weekdays: byDay,
    positions: listOf('BYSETPOS'),
  };
}

function readList(name: string, text: string | undefined): number[] | null | 'wrong' {
  if (text === undefined) return null;
  const { largest, isSigned } = lists[name] ?? { largest: 0, isSigned: false };
  const values = text.split(',');
  const fits = (value: string): boolean =>
    (isSigned ? /^[+-]?\d{1,3}$/ : /^\d{1,2}$/).test(value) &&
    Number(value) !== 0 &&
    Math.abs(Number(value)) <= largest;
  return values.every(fits) ? values.map(Number) : 'wrong';
}

function readWeekdays(text: string | undefined): NthWeekday[] | null | 'wrong' {
  if (text === undefined) return null;
  const read = text.split(',').map(readWeekday);
  const weekdaysRead = read.flatMap((each) => each ?? []);
  return weekdaysRead.length === read.length ? weekdaysRead : 'wrong';
}

function readWeekday(text: string): NthWeekday | null {
  const [, nth, name = ''] = /^([+-]?\d{1,2})?([A-Z]{2})$/.exec(text) ?? [];
  const weekday = weekdays.indexOf(name) + 1;
  if (weekday === 0) return null;
  if (nth === undefined) return { weekday, nth: null };
  return Number(nth) === 0 || Math.abs(Number(nth)) > 53 ? null : { weekday, nth: Number(nth) };
}

/** The combinations that RFC 5545 rules out, and weeks that do not begin on Monday, which have no common numbers. */
const ruledOut: readonly (readonly [isIt: (rule: Recurrence) => boolean, message: string])[] = [
  [
    (rule) => hasNumbers(rule) && (isOf(rule, 'DAILY', 'WEEKLY') || rule.weeks !== null),
    'BYDAY takes numbers in months and years alone, and not beside BYWEEKNO',
  ],
  [(rule) => rule.daysOfMonth !== null && isOf(rule, 'WEEKLY'), 'BYMONTHDAY is not taken with FREQ=WEEKLY'],
  [(rule) => rule.daysOfYear !== null && !isOf(rule, 'YEARLY'), 'BYYEARDAY is taken with FREQ=YEARLY alone'],
  [(rule) => rule.weeks !== null && !isOf(rule, 'YEARLY'), 'BYWEEKNO is taken with FREQ=YEARLY alone'],
  [(rule) => rule.weeks !== null && rule.weekStart !== 1, 'BYWEEKNO is taken with weeks from Monday alone'],
  [(rule) => rule.positions !== null && !hasDays(rule), 'BYSETPOS is taken beside another BY part alone'],
];

const isOf = ({ frequency }: Recurrence, ...either: Frequency[]): boolean => either.includes(frequency);

const hasNumbers = ({ weekdays: listed }: Recurrence): boolean =>
  listed?.some(({ nth }) => nth !== null) === true;

const hasDays = ({ months, weeks, daysOfYear, daysOfMonth, weekdays: listed }: Recurrence): boolean =>
  [months, weeks, daysOfYear, daysOfMonth, listed].some((each) => each !== null);

const problemOfParts = (rule: Recurrence): string | null =>
  ruledOut.find(([isIt]) => isIt(rule))?.[1] ?? null;
