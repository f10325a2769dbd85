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
import { valueOf } from './columns.ts';
import { eventOfRow, type PostedRow } from './event-of-row.ts';
import { findKnownIds } from './known-rows.ts';
import type { FileRecord } from './read-file.ts';
import { createRowReader, type RowReader, type StatementRow } from './read-row.ts';
import type { RejectedRow } from './rejected-file.ts';
import { createFormerNamer, type RowIds } from './row-ids.ts';
import { batchesOf } from './batches.ts';
import { readRows, type Statement } from './statement.ts';
import type { Survey } from './dialect/survey.ts';

export type Import = {
  statement: Statement;
  survey: Survey;
  tenant: TenantSettings & { id: string };
  /** Whether nothing is stored: every usable row then counts as accepted. */
  dry?: boolean;
  /** Called for each unusable row, in file order. */
  reject: (row: RejectedRow) => Promise<void>;
  /** Called for each row that is rightly no expense. */
  leaveOut: (row: RejectedRow) => void;
  /** Called for each event that would be stored, in a dry run alone. */
  show?: (event: PostedRow) => void;
  /** Called after each batch. */
  report: (soFar: ImportCounts, bytesRead: number) => void;
  /** Checked before each batch. */
  signal: AbortSignal;
};

export type ImportCounts = {
  rows: number;
  accepted: number;
  duplicates: number;
  rejected: number;
  /** How many rows are rightly no expense. */
  leftOut: number;
};

type Dependencies = { db: Database; inbox: Inbox; clock: Clock };

const rowsPerBatch = 1000;
const source = 'import';

/**
 * Resolves when every row is durable, left out or rejected. Rejects if a batch could not be stored, or with the
 * signal's reason.
 */
export async function importStatement(deps: Dependencies, work: Import): Promise<ImportCounts> {
  const { statement } = work;
  const readers: Readers = { readRow: rowReaderFor(work), nameFormerly: formerNamerFor(work) };
  const counts: ImportCounts = { rows: 0, accepted: 0, duplicates: 0, rejected: 0, leftOut: 0 };
  for await (const batch of batchesOf(readRows(statement), rowsPerBatch)) {
    work.signal.throwIfAborted();
    const { events, rejected, leftOut } = await readBatch(deps, work, readers, batch);
    const results = await storeEvents(deps, work, events);
    for (const [index, { from }] of events.entries())
      if (results[index] === 'id_reused') rejected.push(rejectedRow(from, readDifferently));
    for (const row of rejected.sort((a, b) => a.line - b.line)) await work.reject(row);
    for (const row of leftOut) work.leaveOut(row);
    const duplicates = results.filter((each) => each === 'duplicate').length;
    counts.rows += batch.length;
    counts.duplicates += duplicates;
    counts.rejected += rejected.length;
    counts.leftOut += leftOut.length;
    counts.accepted += batch.length - duplicates - rejected.length - leftOut.length;
    work.report(counts, batch.at(-1)?.bytesRead ?? 0);
  }
  return counts;
}

type Readers = { readRow: RowReader; nameFormerly: ((record: readonly string[]) => RowIds) | null };

function rowReaderFor({ statement, survey, tenant }: Import): RowReader {
  const { options, key } = statement;
  return createRowReader({
    columns: survey.columns,
    reading: survey.reading,
    currency: options.currency ?? tenant.currency,
    isCurrencySaid: options.currency !== undefined,
    timeZone: tenant.timezone,
    foreign: true,
    given: options,
    key,
    account: options.account ?? null,
  });
}

/** Earlier versions took files with commas and a header on the first line, and no others. */
function formerNamerFor({ statement }: Import): Readers['nameFormerly'] {
  const { columns, layout } = statement;
  const isPlain = layout.delimiter === ',' && layout.quote === '"' && layout.headerLine === 1;
  return isPlain && layout.encoding.startsWith('utf') ? createFormerNamer(columns) : null;
}

type RowEvent = { from: FileRecord; posted: PostedRow; event: IncomingEvent };
type ReadBatch = { events: RowEvent[]; rejected: RejectedRow[]; leftOut: RejectedRow[] };

async function readBatch(
  deps: Dependencies,
  { statement, survey, tenant }: Import,
  { readRow, nameFormerly }: Readers,
  batch: readonly FileRecord[],
): Promise<ReadBatch> {
  const userOf = (record: readonly string[]): string =>
    valueOf(survey.columns, record, 'user') || (statement.options.user ?? '');
  const formerIds = nameFormerly ? batch.map(({ record }) => nameFormerly(record)) : [];
  const { zones, known } = await deps.db.transaction([tenant.id], async (sql) => ({
    zones: await listTimezones(sql, tenant.id, [...new Set(batch.map(({ record }) => userOf(record)))]),
    known: await findKnownIds(sql, { tenantId: tenant.id, source, ids: formerIds.map(({ rowId }) => rowId) }),
  }));
  const context = { tenantId: tenant.id, now: deps.clock.now() };
  const read: ReadBatch = { events: [], rejected: [], leftOut: [] };
  for (const [index, from] of batch.entries()) {
    const result = readRow(from.record, zones.get(userOf(from.record)));
    if (!result.ok) {
      if ('leftOut' in result) read.leftOut.push(rejectedRow(from, result.leftOut));
      else read.rejected.push(rejectedRow(from, result.reason));
      continue;
    }
    const former = formerIds[index];
    const ids = former && known.has(former.rowId) ? former : {};
    const event = eventOf({ ...result.row, ...ids }, context);
    if (typeof event === 'string') read.rejected.push(rejectedRow(from, event));
    else read.events.push({ from, ...event });
  }
  return read;
}

async function storeEvents(
  { inbox }: Dependencies,
  { dry = false, show }: Import,
  events: readonly RowEvent[],
): Promise<string[]> {
  if (!dry) return inbox.accept(events.map(({ event }) => event));
  for (const { posted } of events) show?.(posted);
  return [];
}

/** The row's id says that the row is the same. It was interpreted differently. */
const readDifferently =
  'imported before, and read differently then: another --map or --spent, category, time zone or currency';
const rejectedRow = ({ record, line }: FileRecord, reason: string): RejectedRow => ({ record, line, reason });

/**
 * The event's time is the time of spending, so that every later event about the expense wins. If a row has
 * only a date, the event time is 00:00 of that day, because noon may be in the future. Returns the reason if
 * the row is not a valid event.
 */
function eventOf(
  row: StatementRow,
  context: { tenantId: string; now: Temporal.Instant },
): { posted: PostedRow; event: IncomingEvent } | string {
  const posted = eventOfRow(row, source, row.from);
  const parsed = parseEvent(posted, context);
  if (parsed.ok) return { posted, event: parsed.event };
  const [{ pointer, message } = { pointer: '', message: 'is no event' }] = parsed.errors;
  return pointer === '/time' ? 'dated ahead of the clock' : `${pointer.split('/').at(-1)} ${message}`;
}
