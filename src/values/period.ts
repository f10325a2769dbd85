/**
 * Budget periods: half-open ranges of local days `[start, end)`; weeks start on Monday. Also the grace, in which a
 * period may still alert after its end.
 */
import { remember } from './remember.ts';

export const periodKinds = ['daily', 'weekly', 'monthly', 'quarterly', 'yearly'] as const;
export type PeriodKind = (typeof periodKinds)[number];

/** Days are `YYYY-MM-DD`; `end` is exclusive. */
export type Period = { start: string; end: string };

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
export const periodContaining: (kind: PeriodKind, day: string) => Readonly<Period> = remember(
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

/** The local day of an instant, `YYYY-MM-DD`. */
export const localDay = (instant: Temporal.Instant, timeZone: string): string =>
  instant.toZonedDateTimeISO(timeZone).toPlainDate().toString();

/** The first instant of a local day; later than midnight if the clocks jump over midnight. */
export const startOfDay = (day: string, timeZone: string): Temporal.Instant =>
  Temporal.PlainDate.from(day).toZonedDateTime(timeZone).toInstant();

/** The grace: hours after a period's end in which a late expense may still alert. */
export const graceHours = (kind: PeriodKind): number => (kind === 'daily' ? 12 : 72);

/** The instant at which a period closes that ended on the local day `end`. */
const closingAt = remember(rememberedDays, (kind: PeriodKind, end: string, timeZone: string) =>
  startOfDay(end, timeZone).add({ hours: graceHours(kind) }),
);

/** The phase of a period at `now` for a person in `timeZone`. */
export function phaseOf(
  kind: PeriodKind,
  period: Period,
  timeZone: string,
  now: Temporal.Instant,
): PeriodPhase {
  const today = todayAt(now, timeZone);
  if (period.start > today) return 'future';
  if (today < period.end) return 'current';
  return Temporal.Instant.compare(now, closingAt(kind, period.end, timeZone)) < 0 ? 'past' : 'closed';
}

type Today = { now: Temporal.Instant; timeZone: string; day: string };
let lastToday: Today | null = null;

/** The local day of `now`. An evaluation asks for one instant and person again and again. */
function todayAt(now: Temporal.Instant, timeZone: string): string {
  if (lastToday?.now !== now || lastToday.timeZone !== timeZone)
    lastToday = { now, timeZone, day: localDay(now, timeZone) };
  return lastToday.day;
}
