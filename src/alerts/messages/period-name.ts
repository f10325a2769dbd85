/** Formats periods and their remaining days as text. Days are `YYYY-MM-DD`. */
import { say } from '../../values/catalogue/catalogue.ts';
import { dayIn, monthIn, type Reader, spanIn, yearIn } from '../../values/display.ts';
import type { AlertFacts } from '../decide/alert-facts.ts';

/** True for a late expense in a past period, and for an alert that was deferred or capped beyond its period's end. */
export const isOver = ({ phase, period }: AlertFacts, { today }: Reader): boolean =>
  phase === 'past' || today >= period.end;

/** `October 2026`, `week of October 5, 2026`, `October 30 – November 29, 2026`. */
export function periodName(
  { periodKind, period }: Pick<AlertFacts, 'periodKind' | 'period'>,
  reader: Reader,
): string {
  const { locale } = reader;
  const start = Temporal.PlainDate.from(period.start);
  switch (periodKind) {
    case 'daily':
      return dayIn(locale, start);
    case 'weekly':
      return say(reader, 'period.week', { day: dayIn(locale, start) });
    case 'monthly':
      return monthIn(locale, start);
    case 'quarterly':
      return say(reader, 'period.quarter', {
        quarter: String(Math.ceil(start.month / 3)),
        year: yearIn(locale, start),
      });
    case 'yearly':
      return yearIn(locale, start);
    case 'rrule':
    case 'once':
      return spanIn(locale, start, Temporal.PlainDate.from(period.end).subtract({ days: 1 }));
  }
}

/** True for a period of one day, whatever its kind. */
export const isOneDay = ({ periodKind, period }: Pick<AlertFacts, 'periodKind' | 'period'>): boolean =>
  periodKind === 'daily' || daysBetween(period.start, period.end) === 1;

const daysBetween = (start: string, end: string): number =>
  Temporal.PlainDate.from(start).until(end, { largestUnit: 'days' }).days;

/** The days until the period ends, today included: 1 on its last day. */
export const daysLeft = ({ period }: AlertFacts, { today }: Reader): number => daysBetween(today, period.end);
