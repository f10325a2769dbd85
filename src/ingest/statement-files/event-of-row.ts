/** Converts a row of a statement to the event that is posted for it. */
import { formatAmount } from '../../values/money.ts';
import type { StatementRow } from './read-row.ts';

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
