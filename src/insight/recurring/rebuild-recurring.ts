/** Finds people's recurring charges again, in the transaction that rebuilds their profiles. */
import { randomUUIDv7 } from 'node:crypto';
import { sql as statement } from 'kysely';
import type { Person } from '../../accounts/people.ts';
import { firstChargeDay } from '../decide/recurring.ts';
import {
  type IdentifiedStream,
  type KnownStream,
  type RecurringDecision,
  reconcileStreams,
  type StreamChanges,
} from '../decide/recurring-identity.ts';
import type { Cadence } from '../decide/recurring-schedule.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { localDay } from '../../values/period.ts';
import { findPeoplesStreams, type PersonStreams } from './find-streams-of-people.ts';
import { type PersonChanges, writeRecurring } from './write-recurring.ts';

/**
 * `charges`: those of 25 months. `known`: the streams that have a row. `changesOn`: the first local day on which a stream is
 * late or ends if no charge comes.
 */
export type PersonRecurring = PersonStreams & {
  known: readonly IdentifiedStream[];
  changesOn: string | undefined;
};

type Found = PersonRecurring & { changes: StreamChanges };

type Asked = Pick<Person, 'userId' | 'timeZone'>;

/** Keyed by person; they belong to one tenant. */
export async function findRecurring(
  sql: Sql,
  tenantId: string,
  people: readonly Asked[],
  now: Temporal.Instant,
): Promise<Map<string, Found>> {
  const asked = people.map(({ userId, timeZone }) => {
    const lastDay = localDay(now, timeZone);
    return { userId, firstDay: firstChargeDay(lastDay), lastDay };
  });
  const found = await findPeoplesStreams(sql, tenantId, asked);
  const rows = await readKnown(
    sql,
    tenantId,
    asked.map(({ userId }) => userId),
  );
  return new Map(
    asked.map(({ userId, lastDay: today }) => {
      const { charges = [], streams = [] } = found.get(userId) ?? {};
      const changes = reconcileStreams(streams, rows.get(userId) ?? [], today);
      const [changesOn] = streams.flatMap((each) => each.changesOn ?? []).toSorted();
      return [userId, { charges, streams, known: changes.update, changesOn, changes }];
    }),
  );
}

/** Finds the streams again and writes them. The caller holds the locks on these people, who belong to one tenant. */
export async function rebuildRecurring(
  sql: Sql,
  tenantId: string,
  people: readonly Person[],
  now: Temporal.Instant,
): Promise<Map<string, PersonRecurring>> {
  const found = await findRecurring(sql, tenantId, people, now);
  const written = [...found].map(([userId, { changes, ...own }]) => {
    const insert = changes.insert.map((stream) => ({ id: randomUUIDv7(), stream, decision: null }));
    const recurring: PersonRecurring = { ...own, known: [...own.known, ...insert] };
    return { recurring, changes: { ...changes, userId, insert } satisfies PersonChanges };
  });
  await writeRecurring(
    sql,
    tenantId,
    written.map(({ changes }) => changes),
    now,
  );
  return new Map(written.map(({ recurring, changes: { userId } }) => [userId, recurring]));
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
  decision: RecurringDecision | null;
};

/** Keyed by person. Rides on `recurring_charges_user`. */
async function readKnown(
  sql: Sql,
  tenantId: string,
  userIds: readonly string[],
): Promise<Map<string, KnownStream[]>> {
  const { rows } = await statement<Row>`
    select user_id, id, merchant_key, currency, cadence, amount_minor, last_day, last_expense_id, decision
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
  decision: row.decision,
});
