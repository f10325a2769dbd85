/**
 * Names the rows of a statement. A row is known by its payment, or by the columns that identify it, and not by
 * what a bank adds to it later, such as its state or the balance.
 */
import { createHash } from 'node:crypto';
import { isIdentifier } from '../../values/identifier.ts';
import { type Columns, type Field, valueOf } from './columns.ts';
import { createGarbler } from './garbled.ts';
import { Unusable } from './unusable.ts';

export type RowIds = {
  /** The id of the row's event. It is the same for the same row, however often it is imported. */
  rowId: string;
  expenseId: string;
};

/** The facts of a row that its ids depend on. */
type NamedFacts = {
  userId: string;
  categoryId: string;
  merchant: string | null;
  description: string | null;
  amountMinor: bigint;
  currency: string;
  spentAt: Temporal.Instant;
  from: Temporal.Instant;
};

export type RowNamerOptions = {
  columns: Columns;
  /** Indexes of the columns that identify an expense; null: the column `id`, or else the payment. */
  key: readonly number[] | null;
  account: string | null;
};

export type RowNamer = {
  nameRow: (record: readonly string[], facts: NamedFacts) => RowIds;
  /** The expense that a row is about by its key; null if rows have none. Throws `Unusable` for a row without one. */
  readKey: ((record: readonly string[]) => string) | null;
};

/** The cells that make a payment, as they are written. A category or a fee may be corrected later. */
const paymentFields: readonly Field[] = [
  ...(['date', 'amount', 'debit', 'credit', 'sign', 'currency'] as const),
  ...(['original-amount', 'original-currency', 'merchant', 'description'] as const),
];

/** 32 hexadecimal digits. */
export const rowHash = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);

/** Creates a namer for one pass over a file, in file order. It keeps a hash of each row. */
export function createRowNamer(options: RowNamerOptions): RowNamer {
  const { columns, key, account } = options;
  if (key === null && !columns.at.has('id')) return { nameRow: createCountingNamer(options), readKey: null };
  const readKey = (record: readonly string[]): string =>
    key ? keyId(record, key, account) : spacedId(valueOf(columns, record, 'id'), account);
  return { nameRow: createKeyedNamer(readKey), readKey };
}

/** Rows of one payment all count. The file that has them again gives them the same numbers. */
function createCountingNamer({ columns, account }: RowNamerOptions): RowNamer['nameRow'] {
  const count = createCounter();
  const space = account === null ? [] : [account];
  return (record, { userId }) => {
    const cells = paymentFields.map((field) => valueOf(columns, record, field));
    const id = count(rowHash([userId, ...cells, ...space]));
    return { rowId: id, expenseId: id };
  };
}

/** Adds to a hash which one of its like it is. */
function createCounter(): (hash: string) => string {
  const counts = new Map<string, number>();
  return (value) => {
    const nth = (counts.get(value) ?? 0) + 1;
    counts.set(value, nth);
    return `${value}-${nth}`;
  };
}

/** A row that says something new of a known expense is a new event of it. Within a file that is a fault. */
function createKeyedNamer(readKey: (record: readonly string[]) => string): RowNamer['nameRow'] {
  const said = new Map<string, string>();
  return (record, facts) => {
    const expenseId = readKey(record);
    const { from, spentAt, amountMinor, ...others } = facts;
    const times = [from.toString(), spentAt.toString()];
    const { userId, categoryId, merchant, description, currency } = others;
    const texts = [userId, categoryId, merchant, description, currency, amountMinor.toString()];
    const rowId = rowHash([expenseId, ...times, ...texts]);
    if ((said.get(expenseId) ?? rowId) !== rowId)
      throw new Unusable('id of an earlier row that says otherwise');
    said.set(expenseId, rowId);
    return { rowId, expenseId };
  };
}

function keyId(record: readonly string[], key: readonly number[], account: string | null): string {
  const cells = key.map((index) => (record[index] ?? '').trim());
  if (cells.every((cell) => cell === '')) throw new Unusable('no key');
  return rowHash(['key', account, ...cells]);
}

function spacedId(id: string, account: string | null): string {
  if (id === '') throw new Unusable('no id');
  if (!isIdentifier(id)) throw new Unusable('id is not 1 to 128 printable characters');
  return account === null ? id : rowHash(['id', account, id]);
}

/** The ids that versions before 0.5 gave a row: by every column of the file, as they read its bytes. */
export function createFormerNamer(columns: Columns, encoding: string): (record: readonly string[]) => RowIds {
  const count = createCounter();
  const garble = createGarbler(encoding);
  return (record) => {
    const hash = rowHash(record.map(garble));
    if (columns.at.has('id')) return { rowId: `${hash}-1`, expenseId: valueOf(columns, record, 'id') };
    const id = count(hash);
    return { rowId: id, expenseId: id };
  };
}
