/** Reads the facts of an expense from a row of `events` or of `expenses`: both have the same columns. */
import type { ExpenseFacts, ExpenseKind, ExpenseStatus } from '../decide/apply-events.ts';

/**
 * All columns are null for a deleted expense. Otherwise those from `merchant` to `description` and from `kind` on may be
 * null. `merchant_source` may stand alone, as each event has a source.
 */
export type FactsRow = {
  user_id: string | null;
  category_id: string | null;
  merchant: string | null;
  description: string | null;
  amount_minor: string | null;
  currency: string | null;
  spent_at: string | null;
  kind: ExpenseKind | null;
  status: ExpenseStatus | null;
  merchant_id: string | null;
  merchant_source: string | null;
  mcc: string | null;
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
    ...kindOf(row),
    merchantRef: merchantRefOf(row),
    mcc: row.mcc,
  };
}

const kindOf = ({ kind, status }: FactsRow): Pick<ExpenseFacts, 'kind' | 'status'> => ({
  kind: kind ?? 'purchase',
  status: status ?? 'posted',
});

const merchantRefOf = ({ merchant_id: id, merchant_source: source }: FactsRow): ExpenseFacts['merchantRef'] =>
  id === null || source === null ? null : { source, id };

/** As it is stored: null for a purchase, which most are. */
export const givenKind = (facts: ExpenseFacts | null | undefined): ExpenseKind | null =>
  !facts || facts.kind === 'purchase' ? null : facts.kind;

/** As it is stored: null if it is posted, as most are. */
export const givenStatus = (facts: ExpenseFacts | null | undefined): ExpenseStatus | null =>
  !facts || facts.status === 'posted' ? null : facts.status;
