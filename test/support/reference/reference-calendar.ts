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
