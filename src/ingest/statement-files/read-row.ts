/**
 * Reads a statement row as an expense, or gives the reason why it is none. Pure: `read-file.ts` reads the
 * file, and `survey.ts` finds how it is to be read.
 */
import { identifierRule, isIdentifier } from '../../values/identifier.ts';
import { readState } from './bank-words.ts';
import { type Columns, type Field, type Given, valueOf } from './columns.ts';
import { createDateReader, type DateReader, type StatementDate } from './read-date.ts';
import { type Money, readMoney } from './read-money.ts';
import { plainReading, type Reading } from './reading.ts';
import { createRowNamer, type RowIds } from './row-ids.ts';
import { LeftOut, Reverted, Unusable } from './unusable.ts';

const maxTextLength = 500;

export type StatementRow = StatementDate &
  RowIds &
  Money & {
    userId: string;
    categoryId: string;
    merchant: string | null;
    description: string | null;
  };

/**
 * `leftOut`: the row is rightly no expense, for this reason. `reverted`: the id of the expense that it was, if it has a
 * key.
 */
export type ReadRow =
  | { ok: true; row: StatementRow }
  | { ok: false; reason: string }
  | { ok: false; leftOut: string; reverted?: string };

export type RowOptions = {
  columns: Columns;
  reading?: Reading;
  /** Used for a row without a currency. */
  currency: string;
  isCurrencySaid?: boolean;
  /** Whether amounts in other currencies are accepted. */
  foreign?: boolean;
  timeZone: string;
  /** The person and category of rows that name none. */
  given?: Given;
  key?: readonly number[] | null;
  account?: string | null;
};

/** `timeZone` is the person's own, if they have set one. */
export type RowReader = (record: readonly string[], timeZone?: string) => ReadRow;

/**
 * Creates a reader for one pass over one file, in file order. Identical rows all count, and a second pass
 * gives the same ids. If ids identify the rows, a repeated row is a duplicate. The reader keeps a hash
 * per row, about 100 MB for a million rows.
 */
export function createRowReader(options: RowOptions): RowReader {
  const { columns, reading = plainReading, key = null, account = null } = options;
  const { nameRow, readKey } = createRowNamer({ columns, key, account });
  const readDate = createDateReader(reading.readDate);
  return (record, timeZone = options.timeZone) => {
    try {
      const facts = readFacts({ ...options, reading }, record, (text) => readDate(text, timeZone));
      return { ok: true, row: { ...facts, ...nameRow(record, facts) } };
    } catch (error) {
      if (error instanceof Reverted && readKey) return revertedRow(error, record, readKey);
      if (error instanceof LeftOut) return { ok: false, leftOut: error.message };
      if (error instanceof Unusable) return { ok: false, reason: error.message };
      throw error;
    }
  };
}

function revertedRow(
  { message }: Reverted,
  record: readonly string[],
  readKey: (record: readonly string[]) => string,
): ReadRow {
  try {
    return { ok: false, leftOut: message, reverted: readKey(record) };
  } catch (error) {
    if (error instanceof Unusable) return { ok: false, leftOut: message };
    throw error;
  }
}

function readFacts(
  options: RowOptions & { reading: Reading },
  record: readonly string[],
  readDate: (text: string) => ReturnType<DateReader>,
): Omit<StatementRow, keyof RowIds> {
  const { columns, given = {} } = options;
  assertLength(columns, record);
  const text = (field: Field): string => valueOf(columns, record, field);
  const date = dateOf(text('date'), readDate);
  assertBooked(text('state'));
  return {
    ...date,
    ...readMoney(options, record),
    userId: identifier('person', text('user') || (given.user ?? '')),
    categoryId: identifier('category', text('category') || (given.category ?? '')),
    merchant: shortText('merchant', text('merchant')),
    description: shortText('description', text('description')),
  };
}

const neededFields = ['user', 'category', 'date', 'amount'] as const;

/** Empty columns at the end may be missing, in the row or in the header. */
function assertLength({ header, at }: Columns, record: readonly string[]): void {
  if (neededFields.some((field) => (at.get(field) ?? 0) >= record.length))
    throw new Unusable('not as many columns as the header');
  if (record.slice(header.length).some((cell) => cell.trim() !== ''))
    throw new Unusable('more columns than the header');
}

/** Some banks write `Pending` where the day will stand. */
function dateOf(text: string, readDate: (text: string) => ReturnType<DateReader>): StatementDate {
  if (text === '') throw new Unusable('no date');
  if (readState(text) === 'pending') throw new LeftOut('pending');
  const date = readDate(text);
  if (!date) throw new Unusable('unreadable date');
  return date;
}

function assertBooked(text: string): void {
  if (text === '') return;
  const state = readState(text);
  if (state === undefined) throw new Unusable(`"${text}" is no state that is known`);
  if (state === 'pending') throw new LeftOut('pending');
  if (state === 'void') throw new Reverted();
}

function identifier(what: string, id: string): string {
  if (id === '') throw new Unusable(`no ${what}`);
  if (!isIdentifier(id)) throw new Unusable(`${what} is not ${identifierRule}`);
  return id;
}

function shortText(what: string, text: string): string | null {
  if (text.length > maxTextLength) throw new Unusable(`${what} of more than ${maxTextLength} characters`);
  return text === '' ? null : text;
}
