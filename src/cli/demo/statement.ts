/**
 * Statements as CSV: which column means what, and a row read as an expense or refused with the reason.
 * Pure; opening and streaming the file is `statement-file.ts`'s.
 */
import { createHash } from 'node:crypto';
import { isIdentifier } from '../../domain/identifier.ts';
import { parseAmount } from '../../domain/money.ts';

/** The file or the way it was described cannot be used; the message says what to do. */
export class StatementError extends Error {}

export const fields = [
  'user',
  'category',
  'merchant',
  'description',
  'date',
  'amount',
  'currency',
  'original-amount',
  'original-currency',
] as const;
export type Field = (typeof fields)[number];

/** The columns of purchase-card statements as the City of Birmingham publishes them. */
const defaultColumns: Record<Field, string> = {
  user: 'card_last4',
  category: 'category',
  merchant: 'merchant',
  description: 'description',
  date: 'transaction_date',
  amount: 'billed_amount',
  currency: 'billed_currency',
  'original-amount': 'original_amount',
  'original-currency': 'original_currency',
};

const maxTextLength = 500;
const required: readonly Field[] = ['user', 'category', 'date', 'amount'];

export type ColumnMap = Partial<Record<Field, string>>;

/** Reads `user=card_last4,amount=billed_amount`; throws `StatementError` for a name that is none. */
export function parseColumnMap(text: string): ColumnMap {
  const map: ColumnMap = {};
  for (const pair of text.split(',')) {
    const [name = '', ...rest] = pair.split('=');
    const field = fields.find((candidate) => candidate === name.trim());
    const column = rest.join('=').trim();
    if (!field || column === '')
      throw new StatementError(
        `--map: "${pair}" is not FIELD=COLUMN. Fields: ${fields.join(', ')}. Example: --map user=card,date=booked`,
      );
    map[field] = column;
  }
  return map;
}

/** Where each field stands in a row; absent ones are missing. */
export type Columns = { header: readonly string[]; at: ReadonlyMap<Field, number> };

/** Throws `StatementError` where a needed column, or one that was named, is not in the header. */
export function findColumns(header: readonly string[], named: ColumnMap): Columns {
  const at = new Map<Field, number>();
  for (const field of fields) {
    const column = named[field] ?? defaultColumns[field];
    const index = header.indexOf(column);
    if (index >= 0) at.set(field, index);
    else if (required.includes(field) || named[field] !== undefined)
      throw new StatementError(
        `the file has no column "${column}" for ${field}; its columns: ${header.join(', ')}. Name the right one: --map ${field}=COLUMN`,
      );
  }
  return { header, at };
}

export const valueOf = (columns: Columns, record: readonly string[], field: Field): string => {
  const index = columns.at.get(field);
  return index === undefined ? '' : (record[index] ?? '').trim();
};

/** A row as an expense. `day` is the local one, `YYYY-MM-DD`. */
export type StatementRow = {
  expenseId: string;
  userId: string;
  categoryId: string;
  merchant: string | null;
  description: string | null;
  amountMinor: bigint;
  day: string;
  spentAt: Temporal.Instant;
};

export type ReadRow = { ok: true; row: StatementRow } | { ok: false; reason: string };

export type RowOptions = { columns: Columns; currency: string; timeZone: string };

/**
 * A reader for one pass over one file, in its order. A row's id is the hash of all its columns and which
 * one of its like it is, so rows that repeat honestly all count and a second pass gives the same ids.
 */
export function createRowReader(options: RowOptions): (record: readonly string[]) => ReadRow {
  const seen = new Map<string, number>();
  const readDate = createDateReader(options.timeZone);
  return (record) => {
    const hash = createHash('sha256').update(JSON.stringify(record)).digest('hex').slice(0, 32);
    const nth = (seen.get(hash) ?? 0) + 1;
    seen.set(hash, nth);
    try {
      return { ok: true, row: { expenseId: `${hash}-${nth}`, ...readRow(options, record, readDate) } };
    } catch (error) {
      if (error instanceof Unusable) return { ok: false, reason: error.message };
      throw error;
    }
  };
}

/** What keeps a row from being an expense; the same words for all rows with the same fault. */
class Unusable extends Error {}

function readRow(
  options: RowOptions,
  record: readonly string[],
  readDate: DateReader,
): Omit<StatementRow, 'expenseId'> {
  const { columns, currency } = options;
  if (record.length !== columns.header.length) throw new Unusable('not as many columns as the header');
  const text = (field: Field): string => valueOf(columns, record, field);
  return {
    userId: identifier('person', text('user')),
    categoryId: identifier('category', text('category')),
    merchant: shortText('merchant', text('merchant')),
    description: shortText('description', text('description')),
    ...dateOf(text('date'), readDate),
    amountMinor: minorOf(amountOf(options, record), currency),
  };
}

function identifier(what: string, id: string): string {
  if (id === '') throw new Unusable(`no ${what}`);
  if (!isIdentifier(id)) throw new Unusable(`${what} is not 1 to 128 printable characters`);
  return id;
}

function shortText(what: string, text: string): string | null {
  if (text.length > maxTextLength) throw new Unusable(`${what} of more than ${maxTextLength} characters`);
  return text === '' ? null : text;
}

function dateOf(text: string, readDate: DateReader): StatementDate {
  if (text === '') throw new Unusable('no date');
  const date = readDate(text);
  if (!date) throw new Unusable('unreadable date');
  return date;
}

function minorOf(text: string | null, currency: string): bigint {
  if (text === null) throw new Unusable(`no amount in ${currency}`);
  const parsed = parseAmount(text, currency);
  if (!parsed.ok) throw new Unusable(`unreadable amount: ${parsed.message}`);
  return parsed.minor;
}

/** What was billed, else what was asked for, whichever is in the currency; null where neither is. */
function amountOf({ columns, currency }: RowOptions, record: readonly string[]): string | null {
  const inCurrency = (amount: Field, code: Field): string | null => {
    const text = valueOf(columns, record, amount);
    const isOurs = !columns.at.has(code) || valueOf(columns, record, code) === currency;
    return text !== '' && isOurs ? text : null;
  };
  return inCurrency('amount', 'currency') ?? inCurrency('original-amount', 'original-currency');
}

type StatementDate = { day: string; spentAt: Temporal.Instant };
/** Undefined where the text is no date. */
type DateReader = (text: string) => StatementDate | undefined;

/** Files repeat the same few dates many thousand times. */
function createDateReader(timeZone: string): DateReader {
  const known = new Map<string, StatementDate | undefined>();
  return (text) => {
    if (!known.has(text)) known.set(text, readDate(text, timeZone));
    return known.get(text);
  };
}

const dateShape = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** A day, a local date and time, or an instant. A day alone is noon in the zone. */
function readDate(text: string, timeZone: string): StatementDate | undefined {
  const match = dateShape.exec(text);
  if (!match) return undefined;
  try {
    const spentAt = match[1] ? Temporal.Instant.from(text) : localInstant(text, timeZone);
    return { spentAt, day: spentAt.toZonedDateTimeISO(timeZone).toPlainDate().toString() };
  } catch (error) {
    // Of the right shape, yet no date: the 31st of February.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

const localInstant = (text: string, timeZone: string): Temporal.Instant =>
  (text.length === 10
    ? Temporal.PlainDate.from(text).toPlainDateTime({ hour: 12 })
    : Temporal.PlainDateTime.from(text)
  )
    .toZonedDateTime(timeZone)
    .toInstant();
