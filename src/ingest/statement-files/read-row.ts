/**
 * Reads a statement row as an expense, or gives the reason why it cannot be used. Pure: `read-file.ts` reads
 * the file.
 */
import { createHash } from 'node:crypto';
import { identifierRule, isIdentifier } from '../../values/identifier.ts';
import { isCurrency, parseAmount } from '../../values/money.ts';
import { type Columns, type Field, valueOf } from './columns.ts';
import { createDateReader, type DateReader, type StatementDate } from './read-date.ts';

const maxTextLength = 500;

export type StatementRow = StatementDate & {
  /** The hash of the row and its number among identical rows. */
  rowId: string;
  /** The value of the id column, or else `rowId`. */
  expenseId: string;
  userId: string;
  categoryId: string;
  merchant: string | null;
  description: string | null;
  amountMinor: bigint;
  currency: string;
};

export type ReadRow = { ok: true; row: StatementRow } | { ok: false; reason: string };

export type RowOptions = {
  columns: Columns;
  /** Used for a row without a currency. */
  currency: string;
  /** Whether amounts in other currencies are accepted. */
  foreign?: boolean;
  timeZone: string;
};

/** `timeZone` is the person's own, if they have set one. */
export type RowReader = (record: readonly string[], timeZone?: string) => ReadRow;

/**
 * Creates a reader for one pass over one file, in file order. Identical rows all count, and a second pass
 * gives the same ids. If the file has an id column, a repeated row is a duplicate. The reader keeps a hash
 * per row, about 100 MB for a million rows.
 */
export function createRowReader(options: RowOptions): RowReader {
  const nameRow = createRowNamer(options.columns);
  const readDate = createDateReader();
  return (record, timeZone = options.timeZone) => {
    try {
      const ids = nameRow(record);
      return { ok: true, row: { ...ids, ...readRow(options, record, (text) => readDate(text, timeZone)) } };
    } catch (error) {
      if (error instanceof Unusable) return { ok: false, reason: error.message };
      throw error;
    }
  };
}

/** The reason why a row is no expense. Rows with the same fault have the same message. */
class Unusable extends Error {}

const hashOf = (record: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(record)).digest('hex').slice(0, 32);

function createRowNamer(columns: Columns) {
  const repeats = new Map<string, number>();
  const named = new Map<string, string>();
  return (record: readonly string[]): Pick<StatementRow, 'rowId' | 'expenseId'> => {
    const hash = hashOf(record);
    if (columns.at.has('id')) {
      const expenseId = identifier('id', valueOf(columns, record, 'id'));
      if ((named.get(expenseId) ?? hash) !== hash)
        throw new Unusable('id of an earlier row that says otherwise');
      named.set(expenseId, hash);
      return { rowId: `${hash}-1`, expenseId };
    }
    const nth = (repeats.get(hash) ?? 0) + 1;
    repeats.set(hash, nth);
    return { rowId: `${hash}-${nth}`, expenseId: `${hash}-${nth}` };
  };
}

function readRow(
  options: RowOptions,
  record: readonly string[],
  readDate: (text: string) => ReturnType<DateReader>,
): Omit<StatementRow, 'rowId' | 'expenseId'> {
  const { columns } = options;
  if (record.length !== columns.header.length) throw new Unusable('not as many columns as the header');
  const text = (field: Field): string => valueOf(columns, record, field);
  return {
    userId: identifier('person', text('user')),
    categoryId: identifier('category', text('category')),
    merchant: shortText('merchant', text('merchant')),
    description: shortText('description', text('description')),
    ...dateOf(text('date'), readDate),
    ...moneyOf(options, record),
  };
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

function dateOf(text: string, readDate: (text: string) => ReturnType<DateReader>): StatementDate {
  if (text === '') throw new Unusable('no date');
  const date = readDate(text);
  if (!date) throw new Unusable('unreadable date');
  return date;
}

function moneyOf(options: RowOptions, record: readonly string[]): { amountMinor: bigint; currency: string } {
  const { columns, currency, foreign = false } = options;
  const billed = moneyIn(options, record, 'amount', 'currency');
  const original = moneyIn(options, record, 'original-amount', 'original-currency');
  const ours = [billed, original].find((money) => money?.currency === currency);
  const money = ours ?? (foreign ? billed : null);
  if (!money)
    throw new Unusable(
      foreign && !columns.at.has('original-amount') ? 'no amount' : `no amount in ${currency}`,
    );
  if (!isCurrency(money.currency)) throw new Unusable('currency is not an ISO 4217 code, like USD');
  const parsed = parseAmount(money.text, money.currency);
  if (!parsed.ok) throw new Unusable(`unreadable amount: ${parsed.message}`);
  return { amountMinor: parsed.minor, currency: money.currency };
}

/** Null if the row has no such amount. */
function moneyIn(
  { columns, currency, foreign = false }: RowOptions,
  record: readonly string[],
  amount: Field,
  code: Field,
): { text: string; currency: string } | null {
  const text = valueOf(columns, record, amount);
  const named = valueOf(columns, record, code);
  if (text === '') return null;
  return { text, currency: !columns.at.has(code) || (named === '' && foreign) ? currency : named };
}
