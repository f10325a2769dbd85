/** Days and periods a second time, found by trying and by walking from day to day. Shares no code with `src`. */

export type ModelPeriodKind = 'daily' | 'weekly' | 'monthly' | 'quarterly' | 'yearly';

const minute = 60_000;
const hour = 60 * minute;

/** Answers a call it has had before from memory. */
function remembered<A extends string | number, B extends string | number, R>(ask: (a: A, b: B) => R) {
  const answers = new Map<string, R>();
  return (a: A, b: B): R => {
    const key = `${a} ${b}`;
    const answer = answers.get(key) ?? ask(a, b);
    answers.set(key, answer);
    return answer;
  };
}

const dayAt = remembered((timeZone: string, epochMs: number): string =>
  new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(
    epochMs,
  ),
);

/** The calendar day a clock on the wall of `zone` shows, by `Intl`. */
export const dayIn = (zone: string, at: Temporal.Instant): string => dayAt(zone, at.epochMilliseconds);

const utc = (day: string): Date => new Date(`${day}T00:00:00Z`);
const dayAfter = (day: string): string => new Date(utc(day).getTime() + 24 * hour).toISOString().slice(0, 10);
const dayBefore = (day: string): string =>
  new Date(utc(day).getTime() - 24 * hour).toISOString().slice(0, 10);

/** Whether a period of this kind begins on `day`. */
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

/** Goes back to the day the period began on, and on to the day the next one does: `[start, end)`. */
export const modelPeriod = remembered(
  (kind: ModelPeriodKind, day: string): { start: string; end: string } => {
    let start = day;
    while (!beginsOn(kind, start)) start = dayBefore(start);
    let end = dayAfter(day);
    while (!beginsOn(kind, end)) end = dayAfter(end);
    return { start, end };
  },
);

/** The first millisecond of `day` in `zone`, found by trying, in quarters of an hour. */
export const beginningOf = remembered((day: string, zone: string): number => {
  let at = utc(day).getTime() - 15 * hour;
  while (dayAt(zone, at) < day) at += 15 * minute;
  return at;
});
