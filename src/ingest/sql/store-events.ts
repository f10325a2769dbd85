/** Writes events into the inbox in one statement, and returns the ingest result of each. */
import { createHash } from 'node:crypto';
import { sql as statement } from 'kysely';
import type { IncomingEvent } from '../decide/event.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { columnOf } from '../../runtime/database/column-of.ts';

/** `id_reused`: the id is known with another body. */
export type IngestResult = 'accepted' | 'duplicate' | 'id_reused';

/** Events committed together. Each of `tenantIds` has its own batch row. */
export type StoredBatch = { batchId: string; tenantIds: string[]; events: number };

type Fingerprinted = { event: IncomingEvent; key: string; fingerprint: string };

/**
 * Inserts the events not seen before, and a batch row for each of their tenants, in one statement. `batch` is null if
 * every event was a repeat. Results are in the order of `events`.
 */
export async function storeEvents(
  sql: Sql,
  batchId: string,
  events: readonly IncomingEvent[],
  now: Temporal.Instant,
): Promise<{ results: IngestResult[]; batch: StoredBatch | null }> {
  const all = events.map(fingerprinted);
  const first = new Map<string, Fingerprinted>();
  for (const item of all) if (!first.has(item.key)) first.set(item.key, item);
  const stored = await insertEvents(sql, batchId, [...first.values()], now);
  const missing = [...first.values()].filter(({ key }) => !stored.has(key));
  const known = missing.length > 0 ? await readFingerprints(sql, missing) : new Map<string, string>();
  return {
    results: all.map((item) => verdict(item, first.get(item.key), stored, known)),
    batch: batchOf(batchId, all, stored),
  };
}

function verdict(
  item: Fingerprinted,
  first: Fingerprinted | undefined,
  stored: ReadonlySet<string>,
  known: ReadonlyMap<string, string>,
): IngestResult {
  const isStored = stored.has(item.key);
  if (isStored && item === first) return 'accepted';
  const fingerprint = isStored ? first?.fingerprint : known.get(item.key);
  return fingerprint === item.fingerprint ? 'duplicate' : 'id_reused';
}

function batchOf(
  batchId: string,
  all: readonly Fingerprinted[],
  stored: ReadonlySet<string>,
): StoredBatch | null {
  if (stored.size === 0) return null;
  const mine = all.filter(({ key }) => stored.has(key));
  return { batchId, tenantIds: [...new Set(mine.map(({ event }) => event.tenantId))], events: stored.size };
}

const keyOf = (tenantId: string, source: string, id: string): string =>
  JSON.stringify([tenantId, source, id]);

const fingerprinted = (event: IncomingEvent): Fingerprinted => ({
  event,
  key: keyOf(event.tenantId, event.source, event.id),
  fingerprint: fingerprint(event),
});

/** The hex SHA-256 of the parsed event. It is equal for `"42.1"` and `"42.10"`, and for `Z` and `+00:00`. */
function fingerprint({ type, time, expenseId, expense }: IncomingEvent): string {
  const parts = [type, time.toString(), expenseId];
  if (expense) {
    const { userId, categoryId, currency, merchant, description } = expense;
    parts.push(userId, categoryId, currency, expense.amountMinor.toString(), expense.spentAt.toString());
    parts.push(JSON.stringify([merchant, description]));
  }
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/**
 * Returns the keys that were new. Inserts in key order, so that two processes with the same events cannot deadlock.
 * Rides on the primary key of `events`.
 */
async function insertEvents(
  sql: Sql,
  batchId: string,
  items: readonly Fingerprinted[],
  now: Temporal.Instant,
): Promise<Set<string>> {
  const column = columnOf(items.map(({ event }) => event));
  const { rows } = await statement<{ tenant_id: string; source: string; id: string }>`
    with stored as (
      insert into events (tenant_id, source, id, fingerprint, batch_id, position, type, time, expense_id,
        user_id, category_id, merchant, description, amount_minor, currency, spent_at)
      select tenant_id, source, id, decode(fingerprint, 'hex'), ${batchId}::uuid, position, type, time,
        expense_id, user_id, category_id, merchant, description, amount_minor, currency, spent_at
      from unnest(
        ${column((event) => event.tenantId)}::uuid[],
        ${column((event) => event.source)}::text[],
        ${column((event) => event.id)}::text[],
        ${items.map((item) => item.fingerprint)}::text[],
        ${column((event) => event.type)}::text[],
        ${column((event) => event.time.toString())}::timestamptz[],
        ${column((event) => event.expenseId)}::text[],
        ${column((event) => event.expense?.userId ?? null)}::text[],
        ${column((event) => event.expense?.categoryId ?? null)}::text[],
        ${column((event) => event.expense?.merchant ?? null)}::text[],
        ${column((event) => event.expense?.description ?? null)}::text[],
        ${column((event) => event.expense?.amountMinor.toString() ?? null)}::bigint[],
        ${column((event) => event.expense?.currency ?? null)}::text[],
        ${column((event) => event.expense?.spentAt.toString() ?? null)}::timestamptz[]
      ) with ordinality as given (tenant_id, source, id, fingerprint, type, time, expense_id, user_id,
        category_id, merchant, description, amount_minor, currency, spent_at, position)
      order by tenant_id, source, id
      on conflict do nothing
      returning tenant_id, source, id
    ), batch as (
      insert into event_batches (tenant_id, id, received_at, event_count)
      select tenant_id, ${batchId}::uuid, ${now.toString()}::timestamptz, count(*) from stored
      group by tenant_id
    )
    select tenant_id, source, id from stored`.execute(sql);
  return new Set(rows.map((row) => keyOf(row.tenant_id, row.source, row.id)));
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
