/**
 * Takes a statement file into the inbox, as `POST /api/events` would take its rows. It reads as it stores, a
 * batch at a time; rows known before are passed over, so a file begun again comes to the same end.
 */
import type { Clock } from '../../runtime/clock.ts';
import type { Database } from '../../runtime/database/database.ts';
import type { Inbox } from '../inbox.ts';
import { listTimezones } from '../../accounts/list-timezones.ts';
import type { TenantSettings } from '../../accounts/read-tenant.ts';
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
  /** Called for rows that cannot be used, in the order of the file. */
  reject: (row: RejectedRow) => Promise<void>;
  /** Called after each batch. */
  report: (soFar: ImportCounts, bytesRead: number) => void;
  /** Looked at before each batch. */
  signal: AbortSignal;
};

export type ImportCounts = { rows: number; accepted: number; duplicates: number; rejected: number };

type Dependencies = { db: Database; inbox: Inbox; clock: Clock };

const rowsPerBatch = 1000;
const source = 'import';

/**
 * Resolves when every row is durable or rejected. Rejects where a batch could not be stored, and with the
 * signal's reason.
 */
export async function importStatement(deps: Dependencies, work: Import): Promise<ImportCounts> {
  const { columns, tenant } = work;
  const { currency, timezone: timeZone } = tenant;
  const readRow = createRowReader({ columns, currency, timeZone, foreign: true });
  const counts: ImportCounts = { rows: 0, accepted: 0, duplicates: 0, rejected: 0 };
  for await (const batch of batchesOf(readRecords(work.file), rowsPerBatch)) {
    work.signal.throwIfAborted();
    const { duplicates, rejected } = await takeBatch(deps, work, readRow, batch);
    for (const row of rejected) await work.reject(row);
    counts.rows += batch.length;
    counts.duplicates += duplicates;
    counts.rejected += rejected.length;
    counts.accepted += batch.length - duplicates - rejected.length;
    work.report(counts, batch.at(-1)?.bytesRead ?? 0);
  }
  return counts;
}

type Placed = { from: FileRecord; event: IncomingEvent };

async function takeBatch(
  deps: Dependencies,
  { columns, tenant }: Import,
  readRow: RowReader,
  batch: readonly FileRecord[],
): Promise<{ duplicates: number; rejected: RejectedRow[] }> {
  const events: Placed[] = [];
  const rejected: RejectedRow[] = [];
  const zones = await zonesOf(deps.db, tenant.id, columns, batch);
  const context = { tenantId: tenant.id, now: deps.clock.now() };
  for (const from of batch) {
    const read = readRow(from.record, zones.get(valueOf(columns, from.record, 'user')));
    const event = eventOf(read, context);
    if (typeof event === 'string') rejected.push(rejectedRow(from, event));
    else events.push({ from, event });
  }
  const taken = events.length > 0 ? await deps.inbox.accept(events.map(({ event }) => event)) : [];
  for (const [place, { from }] of events.entries())
    if (taken[place] === 'id_reused') rejected.push(rejectedRow(from, readDifferently));
  rejected.sort((a, b) => a.line - b.line);
  return { duplicates: taken.filter((each) => each === 'duplicate').length, rejected };
}

/** A row's id is its hash, so it is the same row; what has changed is how it was understood. */
const readDifferently = 'imported before, and read differently then: another --map, time zone or currency';
const rejectedRow = ({ record, line }: FileRecord, reason: string): RejectedRow => ({ record, line, reason });

/** Days are the person's: those of the tenant's zone are the readers' own. */
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
 * An expense is as old as the money was spent, so that whatever is posted about it afterwards is later and
 * wins. Of a day alone that is its beginning: its noon may still lie ahead. Answers the reason where the row
 * is no event.
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
