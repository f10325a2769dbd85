/** Writes events into the inbox in one statement, and returns the ingest result of each. */
import { hash } from 'node:crypto';
import { sql as statement } from 'kysely';
import { givenKind, givenStatus } from '../../alerts/evaluate/expense-facts.ts';
import type { IncomingEvent } from '../decide/event.ts';
import type { Database, Sql } from '../../runtime/database/database.ts';
import { columnOf } from '../../runtime/database/column-of.ts';

/** `id_reused`: the id is known with another body. */
export type IngestResult = 'accepted' | 'duplicate' | 'id_reused';

/** Events committed together. Each of `tenantIds` has its own batch row. */
export type StoredBatch = { batchId: string; tenantIds: string[]; events: number };

type NewBatch = {
  batchId: string;
  tenantIds: readonly string[];
  items: readonly Fingerprinted[];
  now: Temporal.Instant;
};

type Fingerprinted = { event: IncomingEvent; key: string; fingerprint: string };

/**
 * Inserts the events not seen before, and a batch row for each of their tenants, in one statement and one round trip.
 * `batch` is null if every event was a repeat. Results are in the order of `events`. If reading the repeats fails, the
 * new events are stored all the same: `sweep-pending` finds their batch, and posting them again is harmless.
 */
export async function storeEvents(
  db: Database,
  batchId: string,
  events: readonly IncomingEvent[],
  now: Temporal.Instant,
): Promise<{ results: IngestResult[]; batch: StoredBatch | null }> {
  const all = events.map(fingerprinted);
  const first = new Map<string, Fingerprinted>();
  for (const item of all) if (!first.has(item.key)) first.set(item.key, item);
  const different = [...first.values()];
  const tenantIds = [...new Set(events.map(({ tenantId }) => tenantId))];
  const repeated = await insertEvents(db, { batchId, tenantIds, items: different, now });
  const known =
    repeated.size > 0
      ? await db.transaction(tenantIds, (sql) => readFingerprints(sql, [...repeated]))
      : new Map<string, string>();
  if (known.size !== repeated.size) throw new Error('an event was deleted while it was posted again');
  return {
    results: all.map((item) => verdict(item, first.get(item.key), known)),
    batch: batchOf(
      batchId,
      different.filter((item) => !repeated.has(item)),
    ),
  };
}

/** `known`: the fingerprints of the events that were stored before. */
function verdict(
  item: Fingerprinted,
  first: Fingerprinted | undefined,
  known: ReadonlyMap<string, string>,
): IngestResult {
  const stored = known.get(item.key);
  if (stored === undefined && item === first) return 'accepted';
  return (stored ?? first?.fingerprint) === item.fingerprint ? 'duplicate' : 'id_reused';
}

const batchOf = (batchId: string, stored: readonly Fingerprinted[]): StoredBatch | null =>
  stored.length === 0
    ? null
    : {
        batchId,
        tenantIds: [...new Set(stored.map(({ event }) => event.tenantId))],
        events: stored.length,
      };

/** Every tenant id has the same length, so no two events share a key. */
const keyOf = (tenantId: string, source: string, id: string): string =>
  `${tenantId}${source.length} ${source}${id}`;

const fingerprinted = (event: IncomingEvent): Fingerprinted => ({
  event,
  key: keyOf(event.tenantId, event.source, event.id),
  fingerprint: fingerprint(event),
});

/**
 * The hex SHA-256 of the parsed event. It is equal for `"42.1"` and `"42.10"`, and for `Z` and `+00:00`. The `sequence` does
 * not belong to it, as a broker may give an event that it delivers again another one.
 */
function fingerprint(event: IncomingEvent): string {
  const { type, time, expenseId, expense } = event;
  const parts = [type, time.toString(), expenseId];
  if (expense) {
    const { userId, categoryId, currency, merchant, description } = expense;
    parts.push(userId, categoryId, currency, expense.amountMinor.toString(), expense.spentAt.toString());
    parts.push(JSON.stringify([merchant, description]));
    const later = laterFields(event);
    if (later.some((value) => value !== null)) parts.push(JSON.stringify(later));
  }
  return hash('sha256', JSON.stringify(parts), 'hex');
}

/**
 * Fields of later versions, null where they are not given or say what is understood anyway. If none is given, the event has
 * the fingerprint that it had before it could have any.
 */
const laterFields = ({ expense, replaces }: IncomingEvent): (string | null)[] => [
  givenKind(expense),
  givenStatus(expense),
  replaces,
  expense?.merchantRef?.id ?? null,
  expense?.mcc ?? null,
];

/**
 * Returns the items that were known. Inserts in key order, so that two processes with the same events cannot deadlock.
 * Rides on the primary key of `events`.
 */
async function insertEvents(
  db: Database,
  { batchId, tenantIds, items, now }: NewBatch,
): Promise<Set<Fingerprinted>> {
  const column = columnOf(items.map(({ event }) => event));
  const query = statement<{ position: number }>`
    with given as materialized (
      select * from unnest(
        ${column((event) => event.tenantId)}::uuid[],
        ${column((event) => event.source)}::text[],
        ${column((event) => event.id)}::text[],
        ${items.map((item) => item.fingerprint)}::text[],
        ${column((event) => event.type)}::text[],
        ${column((event) => event.time.toString())}::timestamptz[],
        ${column((event) => event.sequence)}::text[],
        ${column((event) => event.expenseId)}::text[],
        ${column((event) => event.expense?.userId ?? null)}::text[],
        ${column((event) => event.expense?.categoryId ?? null)}::text[],
        ${column((event) => event.expense?.merchant ?? null)}::text[],
        ${column((event) => event.expense?.description ?? null)}::text[],
        ${column((event) => event.expense?.amountMinor.toString() ?? null)}::bigint[],
        ${column((event) => event.expense?.currency ?? null)}::text[],
        ${column((event) => event.expense?.spentAt.toString() ?? null)}::timestamptz[],
        ${column((event) => givenKind(event.expense))}::text[],
        ${column((event) => givenStatus(event.expense))}::text[],
        ${column((event) => event.replaces)}::text[],
        ${column((event) => event.expense?.merchantRef?.id ?? null)}::text[],
        ${column((event) => event.expense?.mcc ?? null)}::text[]
      ) with ordinality as given (tenant_id, source, id, fingerprint, type, time, sequence, expense_id, user_id,
        category_id, merchant, description, amount_minor, currency, spent_at, kind, status, replaces, merchant_id, mcc,
        position)
    ), stored as (
      insert into events (tenant_id, source, id, fingerprint, batch_id, position, type, time, sequence, expense_id,
        user_id, category_id, merchant, description, amount_minor, currency, spent_at, kind, status, replaces,
        merchant_id, mcc)
      select tenant_id, source, id, decode(fingerprint, 'hex'), ${batchId}::uuid, position, type, time, sequence,
        expense_id, user_id, category_id, merchant, description, amount_minor, currency, spent_at, kind, status,
        replaces, merchant_id, mcc
      from given
      order by tenant_id, source, id
      on conflict do nothing
      returning tenant_id, source, id
    ), batch as (
      insert into event_batches (tenant_id, id, received_at, event_count)
      select tenant_id, ${batchId}::uuid, ${now.toString()}::timestamptz, count(*) from stored
      group by tenant_id
    )
    select position::int from given g
    where not exists (
      select from stored s where s.tenant_id = g.tenant_id and s.source = g.source and s.id = g.id
    )`;
  const rows = await db.statement(tenantIds, query);
  return new Set(rows.flatMap(({ position }) => items[position - 1] ?? []));
}

/** Reads the fingerprints with which known ids were first stored. Rides on the primary key of `events`. */
async function readFingerprints(sql: Sql, items: readonly Fingerprinted[]): Promise<Map<string, string>> {
  const column = columnOf(items.map(({ event }) => event));
  const { rows } = await statement<{ tenant_id: string; source: string; id: string; fingerprint: string }>`
    select tenant_id, source, id, encode(fingerprint, 'hex') as fingerprint
    from events
    join unnest(
      ${column((event) => event.tenantId)}::uuid[],
      ${column((event) => event.source)}::text[],
      ${column((event) => event.id)}::text[]
    ) as asked (tenant_id, source, id) using (tenant_id, source, id)`.execute(sql);
  return new Map(rows.map((row) => [keyOf(row.tenant_id, row.source, row.id), row.fingerprint]));
}
