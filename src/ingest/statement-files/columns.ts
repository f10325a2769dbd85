/** Finds the columns of a statement, by a column map or else by their usual names. */

/** The file or its description cannot be used. The message says why, and what to say or do. */
export class StatementError extends Error {}

const list = (text: string): readonly string[] => text.split(', ');

/**
 * Usual column names, the likelier first. The first ones are those of the purchase card files of the City of
 * Birmingham. Case, all but letters and digits, and what stands in brackets are ignored.
 */
const usualNames = {
  id: list('id, expense id, transaction id'),
  user: list('card_last4, user, user id, person'),
  category: list('category, category id, kategorie'),
  merchant: list(
    'merchant, merchant name, payee, zahlungsempfänger*in, zahlungsempfänger, beguenstigter/zahlungspflichtiger, begünstigter/zahlungspflichtiger, 利用店名・商品名, 利用店名, ご利用店名',
  ),
  description: list(
    'description, transaction description, verwendungszweck, narrative, libellé, concepto, descrizione, omschrijving',
  ),
  date: list(
    'transaction_date, date, spent at, started date, date processed, booking date, posting date, posted date, buchungstag, buchungsdatum, datum, fecha, 利用日, ご利用日',
  ),
  amount: list(
    'billed_amount, amount, transaction amount, betrag, umsatz, montant, importe, importo, bedrag, 利用金額, ご利用金額, 金額',
  ),
  debit: list('debit, debit amount, paid out, money out, withdrawal, withdrawals, soll, débit'),
  credit: list('credit, credit amount, paid in, money in, deposit, deposits, haben, crédit'),
  sign: list(
    'debit/credit, credit/debit, dr/cr, cr/dr, d/c, c/d, s/h, soll/haben, af bij, credit debit indicator, sign, umsatztyp, transaction type, type',
  ),
  fee: list('fee, fees, fee amount, gebühr'),
  state: list('state, status, transaction status, info'),
  type: list('type, transaction type, umsatztyp, buchungstext'),
  currency: list('billed_currency, currency, currency code, währung, waehrung, devise'),
  'original-amount': list('original_amount'),
  'original-currency': list('original_currency'),
};

export type Field = keyof typeof usualNames;
// The object has these keys and no others.
export const fields = Object.keys(usualNames) as Field[];

export type ColumnMap = Partial<Record<Field, string>>;

/** In a column map: the file has no such column, whatever its columns are called. */
export const noColumn = '-';

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

/** What is said for rows that name none. */
export type Given = { user?: string; category?: string };

/** Throws `StatementError` if a required or named column is not in the header. */
export function findColumns(header: readonly string[], named: ColumnMap, given: Given = {}): Columns {
  const at = locateColumns(header, named);
  for (const field of fields) {
    const column = named[field];
    if (column !== undefined && column !== noColumn && !at.has(field))
      throw lacks(header, field, { named: column });
  }
  const missing: Field[] = (['user', 'category', 'date'] as const).filter(
    (field) => !at.has(field) && !(field in given),
  );
  if (!(['amount', 'debit', 'credit'] as const).some((field) => at.has(field))) missing.push('amount');
  const [first, ...others] = missing;
  if (first) throw lacks(header, first, { others });
  for (const [field, index] of at)
    if (isTwice(header, index, named[field])) throw twice(header, field, index);
  return { header, at };
}

/** Whether another column has the same name, and no number says which is meant. */
const isTwice = (header: readonly string[], index: number, named: string | undefined): boolean =>
  header.filter((name) => name.trim() === header[index]?.trim()).length > 1 &&
  (named === undefined || named === header[index]?.trim());

const twice = (header: readonly string[], field: Field, index: number): StatementError =>
  new StatementError(
    `several columns are called "${header[index] ?? ''}". Say the number of the right one: --map ${field}=${index + 1}`,
  );

/** The fields that a header has, by name. */
export function locateColumns(header: readonly string[], named: ColumnMap): Map<Field, number> {
  const at = new Map<Field, number>();
  const plain = header.map(plainName);
  for (const field of fields) {
    const column = named[field];
    const index = column === undefined ? usualIndex(plain, field) : columnIndex(header, column);
    if (index >= 0) at.set(field, index);
  }
  // One column of amounts is enough.
  const isSplit = named.debit !== undefined || named.credit !== undefined;
  const unused = isSplit ? (['amount'] as const) : (['debit', 'credit'] as const);
  const isTwice = at.has('amount') && (at.has('debit') || at.has('credit'));
  for (const field of isTwice ? unused : []) if (named[field] === undefined) at.delete(field);
  return at;
}

/** The indexes of the columns that may have the field: the named one, or else those of usual names. */
export function candidatesFor(header: readonly string[], named: ColumnMap, field: Field): number[] {
  const column = named[field];
  if (column !== undefined) return [columnIndex(header, column)].filter((index) => index >= 0);
  const usual = new Set(usualNames[field].map(plainName));
  return header.flatMap((name, index) => (usual.has(plainName(name)) ? [index] : []));
}

/** The index of a column by its name, or else by its number from 1 on; -1 if there is none. */
export function columnIndex(header: readonly string[], column: string): number {
  const index = header.findIndex((name) => name.trim() === column);
  if (index >= 0) return index;
  const number = columnNumber(column);
  return number !== null && number <= header.length ? number - 1 : -1;
}

export const columnNumber = (column: string): number | null =>
  /^[1-9]\d{0,2}$/.test(column) ? Number(column) : null;

function usualIndex(plain: readonly string[], field: Field): number {
  for (const name of usualNames[field]) {
    const index = plain.indexOf(plainName(name));
    if (index >= 0) return index;
  }
  return -1;
}

const plainName = (name: string): string =>
  name
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/\(.*?\)/g, '')
    .replaceAll(/[^\p{L}\p{N}]/gu, '');

const mostNames = 4;
const givable: Partial<Record<Field, string>> = {
  user: ', or say whose the file is: --user ID',
  category: ', or say one for all: --category ID',
};

type Lack = { named?: string; others?: readonly Field[] };

function lacks(header: readonly string[], field: Field, { named, others: more = [] }: Lack): StatementError {
  const [first = '', ...others] = named === undefined ? usualNames[field] : [named];
  const tried = others
    .slice(0, mostNames - 1)
    .map((name) => `"${name}"`)
    .join(', ');
  const too = more.map((each) => `. It has none for ${each} either${givable[each] ?? ''}`).join('');
  return new StatementError(
    `the file has no column "${first}" for ${field}${tried && ` (or ${tried})`}; its columns: ${header.join(', ')}. Name the right one: --map ${field}=COLUMN${givable[field] ?? ''}${too}`,
  );
}

export const valueOf = (columns: Columns, record: readonly string[], field: Field): string => {
  const index = columns.at.get(field);
  return index === undefined ? '' : (record[index] ?? '').trim();
};
