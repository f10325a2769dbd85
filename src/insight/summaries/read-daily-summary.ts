/** What a person's spending of one day comes to now: also of today so far, and whatever came late. */
import { localDay } from '../../values/period.ts';
import { spanFrom, type SummaryFigures } from '../decide/summary.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { readSummaries } from './read-summaries.ts';
import { readTimezone } from '../../accounts/read-timezone.ts';
import type { PersonRef } from '../../values/refs.ts';

/** `date` null: today in their zone. Answers null for a day that has not begun there. */
export async function readDailySummary(
  sql: Sql,
  person: PersonRef,
  date: string | null,
  now: Temporal.Instant,
): Promise<{ date: string; figures: SummaryFigures } | null> {
  const timeZone = await readTimezone(sql, person);
  const today = localDay(now, timeZone);
  const day = date ?? today;
  if (day > today) return null;
  const [figures] = await readSummaries(sql, [{ ...person, timeZone, span: spanFrom('day', day) }], now);
  return figures ? { date: day, figures } : null;
}
