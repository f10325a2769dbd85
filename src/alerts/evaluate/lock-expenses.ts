/** Reads expenses and locks them until the transaction ends. */
import { sql as statement } from 'kysely';
import { type Expense, type ExpenseEvent, expenseKey } from '../decide/apply-events.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { factsOf, type FactsRow } from './expense-facts.ts';

type Row = FactsRow & {
  tenant_id: string;
  id: string;
  event_time: string;
  event_id: string;
  event_source: string;
  day: string | null;
};

/**
 * Returns the expenses by `expenseKey`, without those that are not stored yet. Locks in key order. Rides on the
 * primary key: `offset 0` keeps the planner from a scan of the whole table when its statistics say it is small.
 */
export async function lockExpenses(sql: Sql, events: readonly ExpenseEvent[]): Promise<Map<string, Expense>> {
  const { rows } = await statement<Row>`
    select e.*
    from (
      select distinct tenant_id, id
      from unnest(
        ${events.map((event) => event.tenantId)}::uuid[],
        ${events.map((event) => event.expenseId)}::text[]
      ) as asked (tenant_id, id)
      order by tenant_id, id
    ) asked
    cross join lateral (
      select e.tenant_id, e.id, e.event_time, e.event_id, e.event_source, e.user_id, e.category_id,
        e.merchant, e.description, e.amount_minor, e.currency, e.spent_at, e.day
      from expenses e
      where e.tenant_id = asked.tenant_id and e.id = asked.id
      offset 0
      for no key update
    ) e`.execute(sql);
  return new Map(rows.map((row) => [expenseKey(row.tenant_id, row.id), toExpense(row)]));
}

function toExpense(row: Row): Expense {
  const facts = factsOf(row);
  return {
    tenantId: row.tenant_id,
    id: row.id,
    eventTime: Temporal.Instant.from(row.event_time),
    eventId: row.event_id,
    eventSource: row.event_source,
    facts: facts && row.day ? { ...facts, day: row.day } : null,
  };
}
