/** Names the day or week that a digest covers. */
import { say } from '../../values/catalogue/catalogue.ts';
import { dayIn, type Reader, spanIn } from '../../values/display.ts';

type DigestType = 'daily_summary' | 'weekly_summary';

/** The span of a digest that is read when it is expected: the day after, or the week after. */
type Span = 'yesterday' | 'last_week' | null;

/** `day`: the day, or the first day of the week. */
export function spanOf(type: DigestType, day: string, { today }: Reader): Span {
  const first = Temporal.PlainDate.from(day);
  const now = Temporal.PlainDate.from(today);
  if (type === 'daily_summary') return first.equals(now.subtract({ days: 1 })) ? 'yesterday' : null;
  return first.equals(now.subtract({ days: now.dayOfWeek + 6 })) ? 'last_week' : null;
}

/** `November 20, 2026`, `November 9 – 15, 2026`. */
export function datesOf(type: DigestType, day: string, { locale }: Reader): string {
  const first = Temporal.PlainDate.from(day);
  return type === 'daily_summary' ? dayIn(locale, first) : spanIn(locale, first, first.add({ days: 6 }));
}

/** `2 budgets need a look since yesterday`. */
export function newsSince(news: string, type: DigestType, day: string, reader: Reader): string {
  switch (spanOf(type, day, reader)) {
    case 'yesterday':
      return say(reader, 'rollUp.sinceYesterday', { news });
    case 'last_week':
      return say(reader, 'rollUp.sinceLastWeek', { news });
    case null:
      return say(reader, 'rollUp.since', {
        news,
        day: dayIn(reader.locale, Temporal.PlainDate.from(day)),
      });
  }
}
