/**
 * Imports a statement file into the inbox, with the same result as posting its rows to `POST /api/events`. It
 * stores a batch at a time while it reads. Known rows are duplicates, so an interrupted import can simply
 * start again.
 */
import type { Clock } from '../../runtime/clock.ts';
import type { Database } from '../../runtime/database/database.ts';
import type { Inbox } from '../inbox.ts';
import { batchesOf } from './batches.ts';
import type { PostedRow } from './event-of-row.ts';
import { type BatchSource, createBatchReader, rejectedRow, type RowEvent } from './read-batch.ts';
import type { RejectedRow } from './rejected-file.ts';
import { readRows } from './statement.ts';

export type Import = BatchSource & {
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
  /** How many of the accepted describe an expense anew that another sender had posted. */
  replaced: number;
};

type Dependencies = { db: Database; inbox: Inbox; clock: Clock };

const rowsPerBatch = 1000;

/**
 * Resolves when every row is durable, left out or rejected. Rejects if a batch could not be stored, or with the
 * signal's reason.
 */
export async function importStatement(deps: Dependencies, work: Import): Promise<ImportCounts> {
  const readBatch = createBatchReader(deps, work);
  const counts: ImportCounts = { rows: 0, accepted: 0, duplicates: 0, rejected: 0, leftOut: 0, replaced: 0 };
  for await (const batch of batchesOf(readRows(work.statement), rowsPerBatch)) {
    work.signal.throwIfAborted();
    const { events, rejected, leftOut } = await readBatch(batch);
    const results = await storeEvents(deps, work, events);
    for (const [index, { from }] of events.entries())
      if (results[index] === 'id_reused') rejected.push(rejectedRow(from, readDifferently));
    for (const row of rejected.sort((a, b) => a.line - b.line)) await work.reject(row);
    for (const row of leftOut) work.leaveOut(row);
    const duplicates = results.filter((each) => each === 'duplicate').length;
    counts.rows += batch.length;
    counts.replaced += events.filter(
      ({ replaces }, index) => replaces && results[index] === 'accepted',
    ).length;
    counts.duplicates += duplicates;
    counts.rejected += rejected.length;
    counts.leftOut += leftOut.length;
    counts.accepted += batch.length - duplicates - rejected.length - leftOut.length;
    work.report(counts, batch.at(-1)?.bytesRead ?? 0);
  }
  return counts;
}

async function storeEvents(
  { inbox }: Dependencies,
  { dry = false, show }: Import,
  events: readonly RowEvent[],
): Promise<string[]> {
  if (!dry) return inbox.accept(events.map(({ event }) => event));
  for (const { posted } of events) if (posted) show?.(posted);
  return [];
}

/** The row's id says that the row is the same. It was interpreted differently. */
const readDifferently =
  'imported before, and read differently then: another --map or --spent, category, time zone or currency';
