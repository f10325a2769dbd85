/**
 * Imports a statement file into the inbox, with the same result as posting its rows to `POST /api/events`. It
 * stores a batch at a time while it reads. Known rows are duplicates, so an interrupted import can simply
 * start again.
 */
import type { Clock } from '../../runtime/clock.ts';
import type { Database } from '../../runtime/database/database.ts';
import type { Inbox } from '../inbox.ts';
import { listTimezones } from '../../accounts/people.ts';
import type { TenantSettings } from '../../accounts/tenants.ts';
import { type IncomingEvent, parseEvent } from '../decide/event.ts';
import { type Columns, valueOf } from './columns.ts';
import { eventOfRow } from './event-of-row.ts';
import { type FileRecord, readRecords } from './read-file.ts';
import { createRowReader, type ReadRow, type RowReader } from './read-row.ts';
import type { RejectedRow } from './rejected-file.ts';
import { batchesOf } from './batches.ts';

export type Import = {
  file: string;
  columns: Columns;
  tenant: TenantSettings & { id: string };
  /** Called for each unusable row, in file order. */
  reject: (row: RejectedRow) => Promise<void>;
  /** Called after each batch. */
  report: (soFar: ImportCounts, bytesRead: number) => void;
  /** Checked before each batch. */
  signal: AbortSignal;
};

export type ImportCounts = { rows: number; accepted: number; duplicates: number; rejected: number };

type Dependencies = { db: Database; inbox: Inbox; clock: Clock };

const rowsPerBatch = 1000;
const source = 'import';

/**
 * Resolves when every row is durable or rejected. Rejects if a batch could not be stored, or with the
 * signal's reason.
 */
export async function importStatement(deps: Dependencies, work: Import): Promise<ImportCounts> {
  const { columns, tenant } = work;
  const { currency, timezone: timeZone } = tenant;
  const readRow = createRowReader({ columns, currency, timeZone, foreign: true });
  const counts: ImportCounts = { rows: 0, accepted: 0, duplicates: 0, rejected: 0 };
  for await (const batch of batchesOf(readRecords(work.file), rowsPerBatch)) {
    work.signal.throwIfAborted();
    const { duplicates, rejected } = await storeBatch(deps, work, readRow, batch);
    for (const row of rejected) await work.reject(row);
    counts.rows += batch.length;
    counts.duplicates += duplicates;
    counts.rejected += rejected.length;
    counts.accepted += batch.length - duplicates - rejected.length;
    work.report(counts, batch.at(-1)?.bytesRead ?? 0);
  }
  return counts;
}

type RowEvent = { from: FileRecord; event: IncomingEvent };

async function storeBatch(
  deps: Dependencies,
  { columns, tenant }: Import,
  readRow: RowReader,
  batch: readonly FileRecord[],
): Promise<{ duplicates: number; rejected: RejectedRow[] }> {
  const events: RowEvent[] = [];
  const rejected: RejectedRow[] = [];
  const zones = await zonesOf(deps.db, tenant.id, columns, batch);
  const context = { tenantId: tenant.id, now: deps.clock.now() };
  for (const from of batch) {
    const read = readRow(from.record, zones.get(valueOf(columns, from.record, 'user')));
    const event = eventOf(read, context);
    if (typeof event === 'string') rejected.push(rejectedRow(from, event));
    else events.push({ from, event });
  }
  const results = events.length > 0 ? await deps.inbox.accept(events.map(({ event }) => event)) : [];
  for (const [index, { from }] of events.entries())
    if (results[index] === 'id_reused') rejected.push(rejectedRow(from, readDifferently));
  rejected.sort((a, b) => a.line - b.line);
  return { duplicates: results.filter((each) => each === 'duplicate').length, rejected };
}

/** The row's id is its hash, so the row is the same. It was interpreted differently. */
const readDifferently = 'imported before, and read differently then: another --map, time zone or currency';
const rejectedRow = ({ record, line }: FileRecord, reason: string): RejectedRow => ({ record, line, reason });

/** Reads the people's own time zones. The row reader falls back to the tenant's. */
const zonesOf = (
  db: Database,
  tenantId: string,
  columns: Columns,
  batch: readonly FileRecord[],
): Promise<Map<string, string>> => {
  const userIds = [...new Set(batch.map(({ record }) => valueOf(columns, record, 'user')))];
  return db.transaction([tenantId], (sql) => listTimezones(sql, tenantId, userIds));
};

/**
 * The event's time is the time of spending, so that every later event about the expense wins. If a row has
 * only a date, the event time is 00:00 of that day, because noon may be in the future. Returns the reason if
 * the row is not a valid event.
 */
function eventOf(
  read: ReadRow,
  context: { tenantId: string; now: Temporal.Instant },
): IncomingEvent | string {
  if (!read.ok) return read.reason;
  const parsed = parseEvent(eventOfRow(read.row, source, read.row.from), context);
  if (parsed.ok) return parsed.event;
  const [{ pointer, message } = { pointer: '', message: 'is no event' }] = parsed.errors;
  return pointer === '/time' ? 'dated ahead of the clock' : `${pointer.split('/').at(-1)} ${message}`;
}
