/** Finds people's recurring charges again, in the transaction that rebuilds their profiles. */
import { setImmediate as giveWay } from 'node:timers/promises';
import { sql as statement } from 'kysely';
import type { Person } from '../../accounts/people.ts';
import { type Charge, findStreams, firstChargeDay, type Stream } from '../decide/recurring.ts';
import { type KnownStream, reconcileStreams } from '../decide/recurring-identity.ts';
import type { Cadence } from '../decide/recurring-schedule.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { localDay } from '../../values/period.ts';
import { readCharges } from './read-charges.ts';
import { type PersonChanges, writeRecurring } from './write-recurring.ts';

/**
 * `charges`: those of 25 months. `changesOn`: the first local day on which a stream is late or ends if no charge comes.
 */
export type PersonRecurring = {
  charges: readonly Charge[];
  streams: readonly Stream[];
  changesOn: string | undefined;
};

type Asked = Pick<Person, 'userId' | 'timeZone'>;

/** Keyed by person; they belong to one tenant. */
export async function findRecurring(
  sql: Sql,
  tenantId: string,
  people: readonly Asked[],
  now: Temporal.Instant,
): Promise<Map<string, PersonRecurring>> {
  const asked = people.map(({ userId, timeZone }) => {
    const lastDay = localDay(now, timeZone);
    return { userId, firstDay: firstChargeDay(lastDay), lastDay };
  });
  const charges = await readCharges(sql, tenantId, asked);
  const recurring = new Map<string, PersonRecurring>();
  for (const { userId, lastDay: today } of asked) {
    const own = charges.get(userId) ?? [];
    const streams = findStreams(own, today);
    const [changesOn] = streams.flatMap((each) => each.changesOn ?? []).toSorted();
    recurring.set(userId, { charges: own, streams, changesOn });
    // Somebody with a thousand expenses takes some milliseconds, and others of this process are waiting.
    await giveWay();
  }
  return recurring;
}

/** Finds the streams again and writes them. The caller holds the locks on these people, who belong to one tenant. */
export async function rebuildRecurring(
  sql: Sql,
  tenantId: string,
  people: readonly Person[],
  now: Temporal.Instant,
): Promise<Map<string, PersonRecurring>> {
  const recurring = await findRecurring(sql, tenantId, people, now);
  const known = await readKnown(
    sql,
    tenantId,
    people.map(({ userId }) => userId),
  );
  const changes = people.map(({ userId, timeZone }): PersonChanges => {
    const streams = recurring.get(userId)?.streams ?? [];
    return { userId, ...reconcileStreams(streams, known.get(userId) ?? [], localDay(now, timeZone)) };
  });
  await writeRecurring(sql, tenantId, changes, now);
  return recurring;
}

type Row = {
  user_id: string;
  id: string;
  merchant_key: string;
  currency: string;
  cadence: Cadence;
  amount_minor: string;
  last_day: string;
  last_expense_id: string;
  is_decided: boolean;
};

/** Keyed by person. Rides on `recurring_charges_user`. */
async function readKnown(
  sql: Sql,
  tenantId: string,
  userIds: readonly string[],
): Promise<Map<string, KnownStream[]>> {
  const { rows } = await statement<Row>`
    select user_id, id, merchant_key, currency, cadence, amount_minor, last_day, last_expense_id,
      decision is not null as is_decided
    from recurring_charges
    where tenant_id = ${tenantId} and user_id = any(${userIds}::text[])
    order by user_id, id`.execute(sql);
  const byPerson = Map.groupBy(rows, ({ user_id }) => user_id);
  return new Map([...byPerson].map(([userId, own]) => [userId, own.map(toKnown)]));
}

const toKnown = (row: Row): KnownStream => ({
  id: row.id,
  merchantKey: row.merchant_key,
  currency: row.currency,
  cadence: row.cadence,
  amountMinor: BigInt(row.amount_minor),
  lastDay: row.last_day,
  lastExpenseId: row.last_expense_id,
  isDecided: row.is_decided,
});
