/** Reads a person's local day as a ledger: what happened to their budgets, what was decided, and what was told. */
import { readTimezone } from '../accounts/people.ts';
import { readDayDecisions } from '../alerts/rules/read-day-decisions.ts';
import { allOf } from '../runtime/database/all-of.ts';
import type { Sql } from '../runtime/database/database.ts';
import { localDay, spanOfDay } from '../values/period.ts';
import type { PersonRef } from '../values/refs.ts';
import { type LedgerEntry, writeLedger } from './messages/ledger.ts';
import { listNotificationsIn } from './sql/list-notifications.ts';

/** The most decisions, and the most notifications, of one day. Only an import of years has more. */
const mostOfADay = 1_000;

export type Ledger = { date: string; timeZone: string; entries: LedgerEntry[] };

/** Three statements. A null `date` means today in the person's zone. Null if the day has not begun there. */
export async function readLedger(
  sql: Sql,
  person: PersonRef,
  date: string | null,
  now: Temporal.Instant,
): Promise<Ledger | null> {
  const timeZone = await readTimezone(sql, person);
  const today = localDay(now, timeZone);
  const day = date ?? today;
  if (day > today) return null;
  const span = spanOfDay(day, timeZone);
  const [decisions, notifications] = await allOf([
    readDayDecisions(sql, person, span, mostOfADay),
    listNotificationsIn(sql, person, span, mostOfADay),
  ]);
  return { date: day, timeZone, entries: writeLedger({ decisions, notifications }, span) };
}
