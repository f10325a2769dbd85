/** Everything that a caller may say about a statement file. What is left out is found in the file. */
import type { ColumnMap } from './columns.ts';

export type Decimal = '.' | ',';
export type SpentSign = 'negative' | 'positive';
export type Incoming = 'refunds' | 'ignore';

export type StatementOptions = {
  map: ColumnMap;
  delimiter?: string;
  /** A label of the Encoding Standard, https://encoding.spec.whatwg.org/#names-and-labels */
  encoding?: string;
  /** Counted from 1; 0: the file has no header. */
  headerLine?: number;
  /** In Unicode's letters, like `dd.MM.yyyy`. */
  dateFormat?: string;
  decimal?: Decimal;
  /** The person, category and currency of rows that name none. */
  user?: string;
  category?: string;
  currency?: string;
  /** The sign that spent money has in the file. */
  spent?: SpentSign;
  /** Whether money that came in counts as a refund. */
  incoming?: Incoming;
  /** Names or numbers of the columns that identify an expense. */
  key?: readonly string[];
  /** Gives the ids of the file a space of their own. */
  account?: string;
};
