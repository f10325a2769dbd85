/** Reads the events of claimed batches in inbox order. */
import { sql as statement } from 'kysely';
import type { EventType, StoredEvent } from '../decide/apply-events.ts';
import type { Sql } from '../../runtime/database/database.ts';
import type { ClaimedBatches } from './claim-batches.ts';
import { factsOf, type FactsRow } from './expense-facts.ts';
import { isNamed, merchantColumns, selectKnownMerchants } from '../../accounts/merchant-names.ts';

export type EventRow = FactsRow & {
  tenant_id: string;
  source: string;
  id: string;
  type: EventType;
  time: string;
  sequence: string | null;
  number: string;
  expense_id: string;
  replaces: string | null;
};

/** With the merchants that their names stand for. Rides on `events_batch`. */
export async function readEvents(
  sql: Sql,
  { batchIds, tenantIds, numbers }: Pick<ClaimedBatches, 'batchIds' | 'tenantIds' | 'numbers'>,
): Promise<StoredEvent[]> {
  const { rows } = await statement<EventRow>`
    select e.tenant_id, e.source, e.id, e.type, e.time, e.sequence, b.number + e.position as number, e.expense_id,
      e.user_id, e.category_id, e.merchant, e.description, e.amount_minor, e.currency, e.spent_at, e.kind, e.status,
      e.replaces, e.mcc, ${merchantColumns}
    from unnest(${tenantIds}::uuid[], ${batchIds}::uuid[], ${numbers}::bigint[])
      with ordinality as b (tenant_id, batch_id, number, turn)
    join events e using (tenant_id, batch_id)
    left join (${selectKnownMerchants({ tenantIds, batchIds })}) m on ${isNamed}
    order by b.turn, e.position`.execute(sql);
  return rows.map(toEvent);
}

export const toEvent = (row: EventRow): StoredEvent => ({
  tenantId: row.tenant_id,
  source: row.source,
  id: row.id,
  type: row.type,
  time: Temporal.Instant.from(row.time),
  sequence: row.sequence,
  number: BigInt(row.number),
  expenseId: row.expense_id,
  replaces: row.replaces,
  expense: factsOf(row),
});
