/**
 * Budget periods: half-open ranges of local days `[start, end)`; weeks start on Monday. Also the grace, in which a
 * period may still alert after its end.
 */
import { type RecurringPeriod, recurringPeriod } from './recurrence/recurring-period.ts';
import { remember } from './remember.ts';

export const periodKinds = ['daily', 'weekly', 'monthly', 'quarterly', 'yearly'] as const;
export type PeriodKind = (typeof periodKinds)[number];

/** Days are `YYYY-MM-DD`; `end` is exclusive. */
export type Period = { start: string; end: string };

/** Instants from `since` on and before `until`. */
export type TimeSpan = { since: Temporal.Instant; until: Temporal.Instant };

/** What a rule's periods are: those of the calendar, those between the occurrences of an RRULE, or one alone. */
export type BudgetPeriod = PeriodKind | RecurringPeriod | Period;

/** `rrule`: of a recurrence rule. `once`: one period alone. */
export type BudgetPeriodKind = PeriodKind | 'rrule' | 'once';

/** `past`: over, but a late expense may still alert. `closed`: the grace is over too. */
export type PeriodPhase = 'future' | 'current' | 'past' | 'closed';

const lengths: Record<PeriodKind, Temporal.DurationLike> = {
  daily: { days: 1 },
  weekly: { days: 7 },
  monthly: { months: 1 },
  quarterly: { months: 3 },
  yearly: { years: 1 },
};

/** Many expenses of many rules lie in few periods, and arithmetic of days takes microseconds. */
const rememberedDays = 20_000;

/** The period of `kind` that contains the local `day`. */
const calendarPeriod: (kind: PeriodKind, day: string) => Readonly<Period> = remember(
  rememberedDays,
  (kind: PeriodKind, day: string) => {
    const start = startOf(kind, Temporal.PlainDate.from(day));
    return { start: start.toString(), end: start.add(lengths[kind]).toString() };
  },
);

function startOf(kind: PeriodKind, day: Temporal.PlainDate): Temporal.PlainDate {
  switch (kind) {
    case 'daily':
      return day;
    case 'weekly':
      return day.subtract({ days: day.dayOfWeek - 1 });
    case 'monthly':
      return day.with({ day: 1 });
    case 'quarterly':
      return day.with({ day: 1, month: day.month - ((day.month - 1) % 3) });
    case 'yearly':
      return day.with({ day: 1, month: 1 });
  }
}

/** True for one period alone. */
export const isOnce = (period: BudgetPeriod): period is Period =>
  typeof period === 'object' && 'end' in period;

export function budgetPeriodKind(period: BudgetPeriod): BudgetPeriodKind {
  if (typeof period === 'string') return period;
  return isOnce(period) ? 'once' : 'rrule';
}

/** The period that contains the local `day`. Null before the `start` of an RRULE, and outside a period alone. */
export function periodContaining(period: PeriodKind, day: string): Readonly<Period>;
export function periodContaining(period: BudgetPeriod, day: string): Readonly<Period> | null;
export function periodContaining(period: BudgetPeriod, day: string): Readonly<Period> | null {
  if (typeof period === 'string') return calendarPeriod(period, day);
  if (!isOnce(period)) return recurringPeriod(period, day);
  return period.start <= day && day < period.end ? period : null;
}

/** The period to show on the local `day`: the one that contains it, else the next ahead, else the only one. */
export function periodToShow(period: BudgetPeriod, day: string): Readonly<Period> {
  if (typeof period === 'string') return calendarPeriod(period, day);
  if (isOnce(period)) return period;
  const found = recurringPeriod(period, day < period.start ? period.start : day);
  if (!found) throw new Error('a day from the start on is in no period');
  return found;
}

/** True if it is one period alone, and over by the local `day`, though late expenses may still alert. */
export const isOver = (period: BudgetPeriod, day: string): boolean => isOnce(period) && period.end <= day;

export const isSamePeriod = (one: BudgetPeriod, other: BudgetPeriod): boolean =>
  one === other || textOf(one) === textOf(other);

function textOf(period: BudgetPeriod): string {
  if (typeof period === 'string') return period;
  return isOnce(period) ? `${period.start} ${period.end}` : `${period.start} ${period.rrule}`;
}

/** The local day of an instant, `YYYY-MM-DD`. */
export const localDay = (instant: Temporal.Instant, timeZone: string): string =>
  instant.toZonedDateTimeISO(timeZone).toPlainDate().toString();

/** The first instant of a local day; later than midnight if the clocks jump over midnight. */
export const startOfDay = (day: string, timeZone: string): Temporal.Instant =>
  Temporal.PlainDate.from(day).toZonedDateTime(timeZone).toInstant();

/** The instants of a local day: 23 or 25 hours where the clocks change. */
export const spanOfDay = (day: string, timeZone: string): TimeSpan => ({
  since: startOfDay(day, timeZone),
  until: startOfDay(Temporal.PlainDate.from(day).add({ days: 1 }).toString(), timeZone),
});

/** True for a period of a single day. */
const isOneDay = remember(
  rememberedDays,
  (start: string, end: string) => Temporal.PlainDate.from(start).add({ days: 1 }).toString() === end,
);

/** The grace: hours after a period's end in which a late expense may still alert. */
export function graceHours(period: PeriodKind | Period): number {
  const isDay = typeof period === 'string' ? period === 'daily' : isOneDay(period.start, period.end);
  return isDay ? 12 : 72;
}

const endOfGrace = remember(rememberedDays, (end: string, timeZone: string, hours: string) =>
  startOfDay(end, timeZone).add({ hours: Number(hours) }),
);

/** The instant at which one of the periods of `budget` closes to alerts for a person in `timeZone`. */
export const closingAt = (budget: BudgetPeriod, period: Period, timeZone: string): Temporal.Instant =>
  endOfGrace(period.end, timeZone, String(graceHours(typeof budget === 'string' ? budget : period)));

/** The phase of one of the periods of `budget` at `now` for a person in `timeZone`. */
export function phaseOf(
  budget: BudgetPeriod,
  period: Period,
  timeZone: string,
  now: Temporal.Instant,
): PeriodPhase {
  const today = todayAt(now, timeZone);
  if (period.start > today) return 'future';
  if (today < period.end) return 'current';
  return Temporal.Instant.compare(now, closingAt(budget, period, timeZone)) < 0 ? 'past' : 'closed';
}

/** True if it is one period alone, and closed to alerts. */
export const isClosed = (period: BudgetPeriod, timeZone: string, now: Temporal.Instant): boolean =>
  isOnce(period) && phaseOf(period, period, timeZone, now) === 'closed';

type Today = { now: Temporal.Instant; timeZone: string; day: string };
let lastToday: Today | null = null;

/** The local day of `now`. An evaluation asks for one instant and person again and again. */
function todayAt(now: Temporal.Instant, timeZone: string): string {
  if (lastToday?.now !== now || lastToday.timeZone !== timeZone)
    lastToday = { now, timeZone, day: localDay(now, timeZone) };
  return lastToday.day;
}
