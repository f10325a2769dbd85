/** Reads the facts of an expense from a row of `events` or of `expenses`: both have the same columns. */
import type { ExpenseFacts } from '../decide/apply-events.ts';

/** All columns are null for a deleted expense. Otherwise only `merchant` and `description` may be null. */
export type FactsRow = {
  user_id: string | null;
  category_id: string | null;
  merchant: string | null;
  description: string | null;
  amount_minor: string | null;
  currency: string | null;
  spent_at: string | null;
};

/** Returns null for a deleted expense. */
export function factsOf(row: FactsRow): ExpenseFacts | null {
  const { user_id, category_id, amount_minor, currency, spent_at } = row;
  if (!user_id || !category_id || amount_minor === null || !currency || !spent_at) return null;
  return {
    userId: user_id,
    categoryId: category_id,
    merchant: row.merchant,
    description: row.description,
    amountMinor: BigInt(amount_minor),
    currency,
    spentAt: Temporal.Instant.from(spent_at),
  };
}
