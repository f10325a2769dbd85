/** Converts a row of a statement to the event that is posted for it. */
import { formatAmount } from '../../values/money.ts';
import type { StatementRow } from './read-row.ts';
import { rowHash } from './row-ids.ts';

export const eventOfRow = (row: StatementRow, source: string, time: Temporal.Instant) => ({
  id: row.rowId,
  source,
  type: 'expense.created' as const,
  time: time.toString(),
  data: {
    expenseId: row.expenseId,
    userId: row.userId,
    categoryId: row.categoryId,
    ...(row.merchant === null ? {} : { merchant: row.merchant }),
    ...(row.description === null ? {} : { description: row.description }),
    amount: formatAmount(row.amountMinor, row.currency),
    currency: row.currency,
    spentAt: row.spentAt.toString(),
  },
});

export type PostedRow = ReturnType<typeof eventOfRow>;

/** The event for an expense that was imported at `time`, and that a later file has as reverted. */
export const eventOfReverted = (expenseId: string, source: string, time: Temporal.Instant) => ({
  id: rowHash(['reverted', expenseId, time.toString()]),
  source,
  type: 'expense.deleted' as const,
  time: time.toString(),
  data: { expenseId },
});
