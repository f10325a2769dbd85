/** How the rows of a file are to be read: everything that was said about it, or found in it. */
import type { DecimalRule } from './amount-text.ts';
import type { Direction } from './bank-words.ts';
import type { Incoming, SpentSign } from './options.ts';
import { type LocalDateReader, readInOrders } from './read-date.ts';

/** What says whether money was spent or came in. */
export type DirectionRule =
  /** Columns of their own for what was spent and what came in. */
  | { by: 'columns' }
  /** A column, or letters behind the amount. `blank`: the direction of a row without them. */
  | { by: 'words'; blank: Direction | null }
  /** The sign of the amount. `plus`: whether a plus means the same as no sign. */
  | { by: 'sign'; spent: SpentSign; plus: 'same' | 'unclear' };

export type Reading = {
  readDate: LocalDateReader;
  /** How the dates are written, for people. */
  dates: readonly string[];
  decimal: DecimalRule;
  direction: DirectionRule;
  /** `paid`: money that came in is a refund if its row says so, or if one of `paid` sent it. */
  incoming: Incoming | 'paid';
  /** The merchants that were paid in the file. */
  paid: ReadonlySet<string>;
  /** Columns whose amounts are all written with a minus, which then means nothing. */
  negated: ReadonlySet<string>;
};

/** Dates as in ISO 8601, amounts with a decimal point, and refunds below zero. */
export const plainReading: Reading = {
  readDate: readInOrders(new Map()),
  dates: [],
  decimal: { sign: '.', strict: false },
  direction: { by: 'sign', spent: 'positive', plus: 'same' },
  incoming: 'refunds',
  paid: new Set(),
  negated: new Set(),
};
