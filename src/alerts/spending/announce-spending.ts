/**
 * Tells the web processes whose spending has changed, so that live streams show it. It runs after the commit of the
 * change, because transactions that use NOTIFY commit one at a time. A lost signal only makes a stream show it later.
 */
import { sql as statement } from 'kysely';
import type { Database } from '../../runtime/database/database.ts';

/** The channel of the signals. `readSpendingChange` reads their payloads. */
export const spendingChanges = 'spendwatch_spending';

/** A payload must be shorter than 8,000 bytes. https://www.postgresql.org/docs/current/sql-notify.html */
const payloadBytes = 7_900;
/** Ids have no control characters. */
const separator = '\n';

/** `people`: by `personKey`. */
export async function announceSpending(db: Database, people: readonly string[]): Promise<void> {
  if (people.length === 0) return;
  await statement`
    select pg_notify(${spendingChanges}, payload) from unnest(${payloadsOf(people)}::text[]) payload`.execute(
    db.sql,
  );
}

/** The people named in a payload, by `personKey`. */
export const readSpendingChange = (payload: string): string[] => payload.split(separator);

function payloadsOf(people: readonly string[]): string[] {
  const payloads: string[] = [];
  let bytes = Infinity;
  for (const person of people) {
    const more = Buffer.byteLength(person) + separator.length;
    if (bytes + more > payloadBytes) {
      payloads.push(person);
      bytes = more;
    } else {
      payloads[payloads.length - 1] += separator + person;
      bytes += more;
    }
  }
  return payloads;
}
