/** Reads the events of claimed batches in inbox order. */
import { sql as statement } from 'kysely';
import type { ExpenseEvent } from '../decide/apply-events.ts';
import type { Sql } from '../../runtime/database/database.ts';
import type { BatchRefs } from './claim-batches.ts';
import { factsOf, type FactsRow } from './expense-facts.ts';

export type EventRow = FactsRow & {
  tenant_id: string;
  source: string;
  id: string;
  time: string;
  expense_id: string;
};

/** Rides on `events_batch`. */
export async function readEvents(sql: Sql, { batchIds, tenantIds }: BatchRefs): Promise<ExpenseEvent[]> {
  const { rows } = await statement<EventRow>`
    select e.tenant_id, e.source, e.id, e.time, e.expense_id, e.user_id, e.category_id, e.merchant, e.description,
      e.amount_minor, e.currency, e.spent_at
    from unnest(${tenantIds}::uuid[], ${batchIds}::uuid[]) with ordinality as b (tenant_id, batch_id, number)
    join events e using (tenant_id, batch_id)
    order by b.number, e.position`.execute(sql);
  return rows.map(toEvent);
}

export const toEvent = (row: EventRow): ExpenseEvent => ({
  tenantId: row.tenant_id,
  source: row.source,
  id: row.id,
  time: Temporal.Instant.from(row.time),
  expenseId: row.expense_id,
  expense: factsOf(row),
});
