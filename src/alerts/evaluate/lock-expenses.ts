/** Reads expenses and locks them until the transaction ends. */
import { sql as statement } from 'kysely';
import {
  type EventRef,
  type EventType,
  type Expense,
  expenseKey,
  type StoredEvent,
} from '../decide/apply-events.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { factsOf, type FactsRow } from './expense-facts.ts';

type Row = FactsRow & {
  tenant_id: string;
  id: string;
  event_time: string;
  event_id: string;
  event_source: string;
  /** Null like `event_number` if a process of the version before wrote the row; it knows no ties. */
  event_type: EventType | null;
  event_sequence: string | null;
  event_number: string | null;
  tied_events: [source: string, id: string][] | null;
  /** The type of such a row's event, if the inbox still has it. */
  inbox_type: EventType | null;
  day: string | null;
};

/**
 * Returns the expenses that the events name by `expenseKey`, without those that are not stored yet. Locks in key order. Rides on the
 * primary keys of `expenses` and `events`: `offset 0` keeps the planner from a scan of the whole table when its
 * statistics say it is small.
 */
export async function lockExpenses(sql: Sql, events: readonly StoredEvent[]): Promise<Map<string, Expense>> {
  const named = events.flatMap(namedBy);
  const { rows } = await statement<Row>`
    select e.*, i.type as inbox_type
    from (
      select distinct tenant_id, id
      from unnest(
        ${named.map(({ tenantId }) => tenantId)}::uuid[],
        ${named.map(({ expenseId }) => expenseId)}::text[]
      ) as asked (tenant_id, id)
      order by tenant_id, id
    ) asked
    cross join lateral (
      select e.tenant_id, e.id, e.event_time, e.event_id, e.event_source, e.event_type, e.event_sequence,
        e.event_number, e.tied_events, e.user_id, e.category_id, e.merchant, e.description, e.amount_minor, e.currency,
        e.spent_at, e.day, e.kind, e.status, e.merchant_id, e.merchant_source, e.mcc
      from expenses e
      where e.tenant_id = asked.tenant_id and e.id = asked.id
      offset 0
      for no key update
    ) e
    left join lateral (
      select i.type
      from events i
      where e.event_type is null and i.tenant_id = e.tenant_id and i.source = e.event_source and i.id = e.event_id
      offset 0
    ) i on true`.execute(sql);
  return new Map(rows.map((row) => [expenseKey(row.tenant_id, row.id), toExpense(row)]));
}

/** The expense of an event, and the one that it replaces. */
const namedBy = ({ tenantId, expenseId, replaces }: StoredEvent) =>
  [expenseId, replaces].flatMap((id) => (id === null ? [] : [{ tenantId, expenseId: id }]));

function toExpense(row: Row): Expense {
  const facts = factsOf(row);
  return {
    tenantId: row.tenant_id,
    id: row.id,
    event: {
      source: row.event_source,
      id: row.event_id,
      type: row.event_type ?? row.inbox_type ?? (facts ? 'expense.created' : 'expense.deleted'),
      time: Temporal.Instant.from(row.event_time),
      sequence: row.event_sequence,
      number: BigInt(row.event_number ?? 0),
    },
    tied: (row.tied_events ?? []).map(([source, id]): EventRef => ({ source, id })),
    facts: facts && { ...facts, day: row.day },
  };
}
