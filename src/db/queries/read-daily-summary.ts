/** What a person's spending of one day comes to now: also of today so far, and whatever came late. */
import { localDay } from '../../domain/period.ts';
import { spanFrom, type SummaryFigures } from '../../domain/summary.ts';
import type { Sql } from '../database.ts';
import type { PersonRef } from './lock-people.ts';
import { readSummaries } from './read-summaries.ts';
import { readTimezone } from './read-timezone.ts';

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
