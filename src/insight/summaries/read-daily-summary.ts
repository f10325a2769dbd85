/**
 * Computes the current summary of a person's day. It includes late expenses, and for today everything so far. Expenses of
 * earlier days that were posted on that day are given beside it.
 */
import { localDay, startOfDay } from '../../values/period.ts';
import { spanFrom, type SummaryFigures } from '../decide/summary.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { allOf } from '../../runtime/database/all-of.ts';
import { readLate } from './read-late.ts';
import { readSummaries } from './read-summaries.ts';
import { readTimezone } from '../../accounts/people.ts';
import type { PersonRef } from '../../values/refs.ts';

/** A null `date` means today in the person's zone. Null if the day has not begun there. */
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
  const span = spanFrom('day', day);
  const [[figures], [late]] = await allOf([
    readSummaries(sql, [{ ...person, timeZone, span }], now),
    readLate(sql, [
      { ...person, before: day, since: startOfDay(day, timeZone), until: startOfDay(span.end, timeZone) },
    ]),
  ]);
  return figures ? { date: day, figures: { ...figures, ...(late ? { late } : {}) } } : null;
}
