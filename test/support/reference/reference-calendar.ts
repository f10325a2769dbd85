/** A reference model of days and periods, found by trial and by walking from day to day. Shares no code with `src`. */

export type ModelPeriodKind = 'daily' | 'weekly' | 'monthly' | 'quarterly' | 'yearly';

const minute = 60_000;
const hour = 60 * minute;

/** Caches the result of each call by its arguments. */
function remembered<A extends string | number, B extends string | number, R>(compute: (a: A, b: B) => R) {
  const results = new Map<string, R>();
  return (a: A, b: B): R => {
    const key = `${a} ${b}`;
    const result = results.get(key) ?? compute(a, b);
    results.set(key, result);
    return result;
  };
}

const dayAt = remembered((timeZone: string, epochMs: number): string =>
  new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(
    epochMs,
  ),
);

/** Returns the local day in `zone`, by `Intl`. */
export const dayIn = (zone: string, at: Temporal.Instant): string => dayAt(zone, at.epochMilliseconds);

const utc = (day: string): Date => new Date(`${day}T00:00:00Z`);
const dayAfter = (day: string): string => new Date(utc(day).getTime() + 24 * hour).toISOString().slice(0, 10);
const dayBefore = (day: string): string =>
  new Date(utc(day).getTime() - 24 * hour).toISOString().slice(0, 10);

/** Tells whether a period of the kind begins on `day`. */
function beginsOn(kind: ModelPeriodKind, day: string): boolean {
  switch (kind) {
    case 'daily':
      return true;
    case 'weekly':
      return utc(day).getUTCDay() === 1;
    case 'monthly':
      return day.endsWith('-01');
    case 'quarterly':
      return ['-01-01', '-04-01', '-07-01', '-10-01'].some((ending) => day.endsWith(ending));
    case 'yearly':
      return day.endsWith('-01-01');
  }
}

/** Finds the period `[start, end)` by walking back to its first day and on to that of the next. */
export const modelPeriod = remembered(
  (kind: ModelPeriodKind, day: string): { start: string; end: string } => {
    let start = day;
    while (!beginsOn(kind, start)) start = dayBefore(start);
    let end = dayAfter(day);
    while (!beginsOn(kind, end)) end = dayAfter(end);
    return { start, end };
  },
);

/** Finds the first instant of `day` in `zone` by trying each quarter of an hour; in epoch milliseconds. */
export const beginningOf = remembered((day: string, zone: string): number => {
  let at = utc(day).getTime() - 15 * hour;
  while (dayAt(zone, at) < day) at += 15 * minute;
  return at;
});

const modelWeekdays = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
const dayMs = 24 * hour;
/** 0 is Monday. */
const weekdayOf = (at: number): number => (new Date(at).getUTCDay() + 6) % 7;

/** The counts that a rule may ask of a day: its number in a unit, and that from the unit's end. */
function countsOf(at: number) {
  const date = new Date(at);
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth();
  const inMonth = date.getUTCDate();
  const inYear = Math.round((at - Date.UTC(year, 0, 1)) / dayMs) + 1;
  return {
    year,
    month,
    inMonth,
    beforeNextMonth: inMonth - new Date(Date.UTC(year, month + 1, 0)).getUTCDate() - 1,
    inYear,
    beforeNextYear: inYear - Math.round((Date.UTC(year + 1, 0, 1) - Date.UTC(year, 0, 1)) / dayMs) - 1,
  };
}

/** The Monday of the first ISO week, which holds the fourth of January. */
function firstWeekOf(year: number): number {
  const fourth = Date.UTC(year, 0, 4);
  return fourth - weekdayOf(fourth) * dayMs;
}

function weekOf(at: number): { week: number; beforeNext: number } {
  let { year } = countsOf(at);
  if (at >= firstWeekOf(year + 1)) year += 1;
  else if (at < firstWeekOf(year)) year -= 1;
  const week = Math.floor((at - firstWeekOf(year)) / (7 * dayMs)) + 1;
  const weeks = Math.round((firstWeekOf(year + 1) - firstWeekOf(year)) / (7 * dayMs));
  return { week, beforeNext: week - weeks - 1 };
}

type ModelRule = Record<string, string>;

const numbersIn = (rule: ModelRule, name: string): number[] | undefined =>
  rule[name]?.split(',').map((text) => Number.parseInt(text, 10));

function isNamedWeekday(rule: ModelRule, at: number): boolean {
  const counts = countsOf(at);
  const isInYear = rule.FREQ === 'YEARLY' && rule.BYMONTH === undefined;
  const number = isInYear ? counts.inYear : counts.inMonth;
  const toEnd = -(isInYear ? counts.beforeNextYear : counts.beforeNextMonth);
  return (rule.BYDAY ?? '').split(',').some((text) => {
    if (text.slice(-2) !== modelWeekdays[weekdayOf(at)]) return false;
    const nth = Number.parseInt(text, 10);
    if (Number.isNaN(nth)) return true;
    return nth > 0 ? Math.ceil(number / 7) === nth : Math.ceil(toEnd / 7) === -nth;
  });
}

/** Tells whether a day meets every part of the rule, those that its start stands in for too. */
const meets = (rule: ModelRule, at: number, start: number): boolean =>
  meetsNumbers(rule, at) &&
  (rule.BYDAY === undefined ? isLikeStart(rule, at, start) : isNamedWeekday(rule, at));

function meetsNumbers(rule: ModelRule, at: number): boolean {
  const counts = countsOf(at);
  const holds = (name: string, ...either: number[]): boolean =>
    numbersIn(rule, name)?.some((number) => either.includes(number)) ?? true;
  if (!holds('BYMONTH', counts.month + 1)) return false;
  if (!holds('BYMONTHDAY', counts.inMonth, counts.beforeNextMonth)) return false;
  if (!holds('BYYEARDAY', counts.inYear, counts.beforeNextYear)) return false;
  return rule.BYWEEKNO === undefined || holds('BYWEEKNO', weekOf(at).week, weekOf(at).beforeNext);
}

/** Tells whether a day is what the start says where the rule leaves the day open. */
function isLikeStart(rule: ModelRule, at: number, start: number): boolean {
  const counts = countsOf(at);
  const first = countsOf(start);
  if (rule.BYMONTHDAY !== undefined || rule.BYYEARDAY !== undefined || rule.FREQ === 'DAILY') return true;
  if (rule.FREQ === 'WEEKLY' || rule.BYWEEKNO !== undefined) return weekdayOf(at) === weekdayOf(start);
  if (counts.inMonth !== first.inMonth) return false;
  return rule.FREQ === 'MONTHLY' || rule.BYMONTH !== undefined || counts.month === first.month;
}

/** The days, weeks, months or years from that of `start` to that of the day. */
function unitsSince(rule: ModelRule, at: number, start: number): number {
  const one = countsOf(start);
  const other = countsOf(at);
  const weekStart = modelWeekdays.indexOf(rule.WKST ?? 'MO');
  const weekOfDay = (each: number): number => each - ((weekdayOf(each) - weekStart + 7) % 7) * dayMs;
  if (rule.FREQ === 'YEARLY') return other.year - one.year;
  if (rule.FREQ === 'MONTHLY') return (other.year - one.year) * 12 + other.month - one.month;
  if (rule.FREQ === 'WEEKLY') return Math.round((weekOfDay(at) - weekOfDay(start)) / (7 * dayMs));
  return Math.round((at - start) / dayMs);
}

/**
 * The occurrences of an RRULE of whole days from `start` to before `end`, by walking from day to day through whole years.
 * `start` need not be an occurrence.
 */
export function modelOccurrences(rrule: string, start: string, end: string): string[] {
  const rule: ModelRule = Object.fromEntries(rrule.split(';').map((part) => part.split('=')));
  const from = utc(start).getTime();
  const units = new Map<number, number[]>();
  for (let at = from - 366 * dayMs; at < utc(end).getTime() + 366 * dayMs; at += dayMs) {
    const unit = unitsSince(rule, at, from);
    if (unit < 0 || unit % Number(rule.INTERVAL ?? 1) !== 0 || !meets(rule, at, from)) continue;
    units.set(unit, [...(units.get(unit) ?? []), at]);
  }
  const positions = numbersIn(rule, 'BYSETPOS');
  return [...units.values()]
    .flatMap((days) =>
      days.filter(
        (_, index) => positions?.some((at) => at === index + 1 || at === index - days.length) ?? true,
      ),
    )
    .map((at) => new Date(at).toISOString().slice(0, 10))
    .filter((day) => day >= start && day < end);
}
