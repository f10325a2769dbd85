/** Claims committed batches for evaluation and reads their events in inbox order. */
import { sql as statement } from 'kysely';
import type { ExpenseEvent } from '../decide/apply-events.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { selectLockedRates } from '../spending/lock-rates.ts';
import { factsOf, type FactsRow } from './expense-facts.ts';

type Row = FactsRow & {
  received_at: string;
  tenant_id: string;
  source: string;
  id: string;
  time: string;
  expense_id: string;
};

/** Ids of batches, and of every tenant that one of them may belong to. */
export type BatchRefs = { batchIds: readonly string[]; tenantIds: readonly string[] };

/** `receivedAt`: the time at which the oldest of the events was committed. */
export type Claimed = { events: ExpenseEvent[]; receivedAt: Temporal.Instant };

/** A claim also includes up to `limit` other pending batches of at most `events` events each. */
const smallBatch = { events: 64, limit: 16 };

/**
 * Marks the given batches as applied, and with them the oldest small pending batches of their tenants. Under load
 * one transaction thus serves many commits. Batches that another transaction has locked are skipped: it applies
 * them, or rolls back and tries again. Returns no events if no batch was left.
 *
 * The statement first takes the shared lock on the tenants' exchange rates (`lock-rates`). It rides on the primary
 * key of `event_batches`, on `event_batches_pending` and on `events_batch`.
 */
export async function claimBatches(
  sql: Sql,
  { batchIds, tenantIds }: BatchRefs,
  now: Temporal.Instant,
): Promise<Claimed> {
  const { rows } = await statement<Row>`
    with rates as materialized (${selectLockedRates(tenantIds)}), own as (
      select tenant_id, id
      from event_batches
      where (select are_held from rates)
        and tenant_id = any(${tenantIds}::uuid[]) and id = any(${batchIds}::uuid[]) and applied_at is null
      order by tenant_id, id
      for no key update skip locked
    ), small as (
      select tenant_id, id
      from event_batches
      where (select are_held from rates)
        and tenant_id = any(${tenantIds}::uuid[]) and id <> all(${batchIds}::uuid[]) and applied_at is null
        and event_count <= ${smallBatch.events}
      order by received_at, id
      limit ${smallBatch.limit}
      for no key update skip locked
    ), claimed as (
      update event_batches b set applied_at = ${now.toString()}
      from (table own union all table small) waiting
      where b.tenant_id = waiting.tenant_id and b.id = waiting.id
      returning b.tenant_id, b.id, b.received_at
    )
    select claimed.received_at, e.tenant_id, e.source, e.id, e.time, e.expense_id, e.user_id, e.category_id, e.merchant,
      e.description, e.amount_minor, e.currency, e.spent_at
    from claimed join events e on e.tenant_id = claimed.tenant_id and e.batch_id = claimed.id
    order by claimed.received_at, claimed.id, e.position`.execute(sql);
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

/** Records why an event could not be applied. The rest of its batch is applied. */
export async function markEventFailed(sql: Sql, event: ExpenseEvent, error: string): Promise<void> {
  await sql
    .updateTable('events')
    .set({ error })
    .where('tenant_id', '=', event.tenantId)
    .where('source', '=', event.source)
    .where('id', '=', event.id)
    .execute();
}
