/** Finds the columns of a statement, by a column map or else by their usual names. */

/** The file or its description cannot be used. The message says what to do. */
export class StatementError extends Error {}

/**
 * Usual column names, the likelier first. The first ones are those of the purchase card files of the City of
 * Birmingham. Case, spaces, hyphens and underscores are ignored.
 */
const usualNames = {
  id: ['id', 'expense id', 'transaction id'],
  user: ['card_last4', 'user', 'user id', 'person'],
  category: ['category', 'category id'],
  merchant: ['merchant'],
  description: ['description'],
  date: ['transaction_date', 'date', 'spent at'],
  amount: ['billed_amount', 'amount'],
  currency: ['billed_currency', 'currency'],
  'original-amount': ['original_amount'],
  'original-currency': ['original_currency'],
} as const;

export type Field = keyof typeof usualNames;
// The object has these keys and no others.
export const fields = Object.keys(usualNames) as Field[];

const required: readonly Field[] = ['user', 'category', 'date', 'amount'];

export type ColumnMap = Partial<Record<Field, string>>;

/** Reads `user=card_last4,amount=billed_amount`. Throws `StatementError` for an unknown field. */
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

/** The index of each field in a row. Fields without a column are missing. */
export type Columns = { header: readonly string[]; at: ReadonlyMap<Field, number> };

/** Throws `StatementError` if a required or named column is not in the header. */
export function findColumns(header: readonly string[], named: ColumnMap): Columns {
  const at = new Map<Field, number>();
  const plain = header.map(plainName);
  for (const field of fields) {
    const column = named[field];
    const index = column === undefined ? usualIndex(plain, field) : indexOf(header, column);
    if (index >= 0) at.set(field, index);
    else if (required.includes(field) || column !== undefined) throw noColumn(header, field, column);
  }
  return { header, at };
}

const indexOf = (header: readonly string[], column: string): number =>
  header.findIndex((name) => name.trim() === column);

function usualIndex(plain: readonly string[], field: Field): number {
  for (const name of usualNames[field]) {
    const index = plain.indexOf(plainName(name));
    if (index >= 0) return index;
  }
  return -1;
}

const plainName = (name: string): string => name.toLowerCase().replaceAll(/[\s_-]/g, '');

function noColumn(header: readonly string[], field: Field, named: string | undefined): StatementError {
  const [first, ...others] = named === undefined ? usualNames[field] : [named];
  const tried = others.length > 0 ? ` (or ${others.map((name) => `"${name}"`).join(', ')})` : '';
  return new StatementError(
    `the file has no column "${first}" for ${field}${tried}; its columns: ${header.join(', ')}. Name the right one: --map ${field}=COLUMN`,
  );
}

export const valueOf = (columns: Columns, record: readonly string[], field: Field): string => {
  const index = columns.at.get(field);
  return index === undefined ? '' : (record[index] ?? '').trim();
};
