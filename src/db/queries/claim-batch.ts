/** Claims a committed batch for evaluation and reads its events in inbox order. */
import { sql as statement } from 'kysely';
import type { ExpenseEvent } from '../../domain/expense.ts';
import type { Sql } from '../database.ts';

type Row = {
  received_at: string;
  tenant_id: string;
  source: string;
  id: string;
  time: string;
  expense_id: string;
  user_id: string | null;
  category_id: string | null;
  merchant: string | null;
  description: string | null;
  amount_minor: string | null;
  currency: string | null;
  spent_at: string | null;
};

/** `receivedAt`: when the events were committed. */
export type Claimed = { events: ExpenseEvent[]; receivedAt: Temporal.Instant };

/**
 * Marks the batch applied, which holds its rows until the transaction ends: a second claim waits, and then
 * finds nothing. Answers no events where the batch was applied before. Rides on the primary key of
 * `event_batches` and on `events_batch`.
 */
export async function claimBatch(
  sql: Sql,
  batchId: string,
  tenantIds: readonly string[],
  now: Temporal.Instant,
): Promise<Claimed> {
  const { rows } = await statement<Row>`
    with claimed as (
      update event_batches set applied_at = ${now.toString()}
      where tenant_id = any(${tenantIds}::uuid[]) and id = ${batchId} and applied_at is null
      returning tenant_id, received_at
    )
    select claimed.received_at, e.tenant_id, e.source, e.id, e.time, e.expense_id, e.user_id, e.category_id, e.merchant,
      e.description, e.amount_minor, e.currency, e.spent_at
    from claimed join events e on e.tenant_id = claimed.tenant_id and e.batch_id = ${batchId}
    order by e.position`.execute(sql);
  const [first] = rows;
  return { events: rows.map(toEvent), receivedAt: first ? Temporal.Instant.from(first.received_at) : now };
}

const toEvent = (row: Row): ExpenseEvent => ({
  tenantId: row.tenant_id,
  source: row.source,
  id: row.id,
  time: Temporal.Instant.from(row.time),
  expenseId: row.expense_id,
  expense: factsOf(row),
});

/** The facts of an expense, from columns that are either all there or, for a deleted one, all null. */
export function factsOf(
  row: Omit<Row, 'received_at' | 'tenant_id' | 'source' | 'id' | 'time' | 'expense_id'>,
) {
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

/** Records why an event could not be applied; the rest of its batch was. */
export async function markEventFailed(sql: Sql, event: ExpenseEvent, error: string): Promise<void> {
  await sql
    .updateTable('events')
    .set({ error })
    .where('tenant_id', '=', event.tenantId)
    .where('source', '=', event.source)
    .where('id', '=', event.id)
    .execute();
}
