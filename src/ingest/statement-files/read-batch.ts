/** Reads a batch of a statement's records as events, with what the tenant knows of them already. */
import { listTimezones } from '../../accounts/people.ts';
import type { TenantSettings } from '../../accounts/tenants.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Database } from '../../runtime/database/database.ts';
import { type IncomingEvent, parseEvent } from '../decide/event.ts';
import { valueOf } from './columns.ts';
import type { Survey } from './dialect/survey.ts';
import { eventOfReverted, eventOfRow, type PostedRow } from './event-of-row.ts';
import {
  findImportedExpenses,
  findKnownIds,
  findOthersExpenses,
  type ImportedExpense,
} from './known-rows.ts';
import type { FileRecord } from './read-file.ts';
import { createRowReader, type ReadRow, type RowReader, type StatementRow } from './read-row.ts';
import type { RejectedRow } from './rejected-file.ts';
import { createFormerNamer, type RowIds } from './row-ids.ts';
import type { Statement } from './statement.ts';

export type BatchSource = { statement: Statement; survey: Survey; tenant: TenantSettings & { id: string } };
type Dependencies = { db: Database; clock: Clock };

/** `posted`: null for the end of an expense. `replaces`: another sender describes the expense until then. */
export type RowEvent = {
  from: FileRecord;
  event: IncomingEvent;
  posted: PostedRow | null;
  replaces: boolean;
};
type ReadBatch = { events: RowEvent[]; rejected: RejectedRow[]; leftOut: RejectedRow[] };

export type BatchReader = (batch: readonly FileRecord[]) => Promise<ReadBatch>;

const source = 'import';

/** Creates a reader for one pass over a file, in file order. */
export function createBatchReader(deps: Dependencies, work: BatchSource): BatchReader {
  const { statement, survey, tenant } = work;
  const readRow = createReader(work);
  const nameFormerly = findFormerNamer(statement);
  const userOf = (record: readonly string[]): string =>
    valueOf(survey.columns, record, 'user') || (statement.options.user ?? '');
  return async (batch) => {
    const userIds = [...new Set(batch.map(({ record }) => userOf(record)))];
    const zones = await deps.db.transaction([tenant.id], (sql) => listTimezones(sql, tenant.id, userIds));
    const rows = batch.map(({ record }) => readRow(record, zones.get(userOf(record))));
    const known = await findKnown(
      deps.db,
      work,
      rows,
      batch.map(({ record }) => nameFormerly?.(record)),
    );
    const context = { tenantId: tenant.id, now: deps.clock.now() };
    const read: ReadBatch = { events: [], rejected: [], leftOut: [] };
    for (const [index, from] of batch.entries())
      addRow(read, from, rows[index], { ...known, context, index });
    return read;
  };
}

function createReader({ statement, survey, tenant }: BatchSource): RowReader {
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
function findFormerNamer({ columns, layout }: Statement): ((record: readonly string[]) => RowIds) | null {
  const isPlain = layout.delimiter === ',' && layout.quote === '"' && layout.headerLine === 1;
  return isPlain ? createFormerNamer(columns, layout.encoding) : null;
}

type Known = {
  /** The ids that an earlier version gave the row, if it knows it by them. */
  formerIds: readonly (RowIds | undefined)[];
  /** The expenses that rows with a key are about. */
  imported: ReadonlyMap<string, ImportedExpense>;
  /** Expenses of other senders with the ids of the rows, by the times of their events. */
  others: ReadonlyMap<string, Temporal.Instant>;
};

async function findKnown(
  db: Database,
  { statement, tenant }: BatchSource,
  rows: readonly ReadRow[],
  formerIds: readonly (RowIds | undefined)[],
): Promise<Known> {
  const tenantId = tenant.id;
  const isKeyed = statement.key !== null || statement.columns.at.has('id');
  const keys = isKeyed ? rows.flatMap((row) => (row.ok ? row.row.expenseId : (revertedBy(row) ?? []))) : [];
  return db.transaction([tenantId], async (sql) => {
    const ids = formerIds.flatMap((each) => each?.rowId ?? []);
    const known = await findKnownIds(sql, { tenantId, source, ids });
    return {
      formerIds: formerIds.map((each) => (each && known.has(each.rowId) ? each : undefined)),
      imported: await findImportedExpenses(sql, { tenantId, source, ids: keys }),
      others: await findOthersExpenses(sql, { tenantId, source, ids: keys }),
    };
  });
}

const revertedBy = (row: ReadRow): string | undefined => ('reverted' in row ? row.reverted : undefined);

type Context = Known & { context: { tenantId: string; now: Temporal.Instant }; index: number };

function addRow(read: ReadBatch, from: FileRecord, row: ReadRow | undefined, known: Context): void {
  if (!row) return;
  if ('reason' in row) read.rejected.push(rejectedRow(from, row.reason));
  else if ('leftOut' in row) addLeftOut(read, from, row, known);
  else {
    const posted = eventOfRow(...latest({ ...row.row, ...known.formerIds[known.index] }, known.imported));
    const event = parse(posted, known.context);
    if (typeof event === 'string') read.rejected.push(rejectedRow(from, event));
    else read.events.push({ from, event, posted, replaces: isReplaced(known.others, event) });
  }
}

function isReplaced(others: Known['others'], { expenseId, time }: IncomingEvent): boolean {
  const known = others.get(expenseId);
  return known !== undefined && Temporal.Instant.compare(known, time) <= 0;
}

/**
 * The event's time is the time of spending, so that every later event about the expense wins. If a row has
 * only a date, the event time is 00:00 of that day, because noon may be in the future. A row that moves an
 * imported expense to an earlier day keeps the time of the row before: it was imported later, and wins.
 */
function latest(
  row: StatementRow,
  imported: ReadonlyMap<string, ImportedExpense>,
): [row: StatementRow, source: string, time: Temporal.Instant] {
  const known = imported.get(row.expenseId);
  if (!known || Temporal.Instant.compare(known.time, row.from) <= 0) return [row, source, row.from];
  return [{ ...row, rowId: `${row.rowId}-${known.time.epochMilliseconds}` }, source, known.time];
}

/** A payment that an earlier file had as booked ends. Nothing begins with one that is reverted. */
function addLeftOut(
  read: ReadBatch,
  from: FileRecord,
  row: { leftOut: string; reverted?: string },
  { imported, context }: Context,
): void {
  const expense = imported.get(row.reverted ?? '');
  const isLive = row.reverted !== undefined && expense && !expense.isDeleted;
  const event = isLive ? parse(eventOfReverted(row.reverted ?? '', source, expense.time), context) : '';
  if (typeof event === 'string') read.leftOut.push(rejectedRow(from, row.leftOut));
  else read.events.push({ from, event, posted: null, replaces: false });
}

export const rejectedRow = ({ record, line }: FileRecord, reason: string): RejectedRow => ({
  record,
  line,
  reason,
});

/** Returns the reason if the row is not a valid event. */
function parse(
  posted: PostedRow | ReturnType<typeof eventOfReverted>,
  context: Context['context'],
): IncomingEvent | string {
  const parsed = parseEvent(posted, context);
  if (parsed.ok) return parsed.event;
  const [{ pointer, message } = { pointer: '', message: 'is no event' }] = parsed.errors;
  return pointer === '/time' ? 'dated ahead of the clock' : `${pointer.split('/').at(-1)} ${message}`;
}
