/** Formats periods and their remaining days as text. Days are `YYYY-MM-DD`. */
import { dayIn, monthIn, numberIn, type Reader } from '../../values/display.ts';
import type { AlertFacts } from '../decide/alert-facts.ts';

const numberWords = 'zero one two three four five six seven eight nine ten eleven twelve'.split(' ');

const ordinals = ['first', 'second', 'third', 'fourth'];

/** True for a late expense in a past period, and for an alert that was deferred or capped beyond its period's end. */
export const isOver = ({ phase, period }: AlertFacts, { today }: Reader): boolean =>
  phase === 'past' || today >= period.end;

/** `October 2026`, `week of October 5, 2026`. */
export function periodName({ periodKind, period }: AlertFacts, { locale }: Reader): string {
  const start = Temporal.PlainDate.from(period.start);
  switch (periodKind) {
    case 'daily':
      return dayIn(locale, start);
    case 'weekly':
      return `week of ${dayIn(locale, start)}`;
    case 'monthly':
      return monthIn(locale, start);
    case 'quarterly':
      return `${ordinals[Math.floor((start.month - 1) / 3)]} quarter of ${start.year}`;
    case 'yearly':
      return String(start.year);
  }
}

/** Counts whole days after today, as the period's end is exclusive. Null for a daily period or one that is over. */
export function remaining(facts: AlertFacts, reader: Reader): string | null {
  if (facts.periodKind === 'daily' || isOver(facts, reader)) return null;
  const days =
    Temporal.PlainDate.from(reader.today).until(facts.period.end, { largestUnit: 'days' }).days - 1;
  if (days === 0) return 'last day';
  return `${numberWords[days] ?? numberIn(reader.locale, days)} ${days === 1 ? 'day' : 'days'} to go`;
}

/** `yesterday`, `last week`, or the day itself. */
export function sinceWhen(type: 'daily_summary' | 'weekly_summary', day: string, reader: Reader): string {
  const first = Temporal.PlainDate.from(day);
  const today = Temporal.PlainDate.from(reader.today);
  const monday = today.subtract({ days: today.dayOfWeek - 1 });
  if (type === 'daily_summary' && first.equals(today.subtract({ days: 1 }))) return 'yesterday';
  if (type === 'weekly_summary' && first.equals(monday.subtract({ days: 7 }))) return 'last week';
  return dayIn(reader.locale, first);
}
