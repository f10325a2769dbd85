/**
 * What the tenant knows of the rows of a file already. Rows that an earlier version took keep the ids that it gave
 * them. Rows with a key correct the expense that an earlier file had under it.
 */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';

/**
 * The ids that an event of `source` or an expense of the tenant has. Expenses outlive their events. Rides on the
 * primary keys of `events` and `expenses`.
 */
export async function findKnownIds(
  sql: Sql,
  { tenantId, source, ids }: { tenantId: string; source: string; ids: readonly string[] },
): Promise<Set<string>> {
  const { rows } = await statement<{ id: string }>`
    select id from events where tenant_id = ${tenantId} and source = ${source} and id = any(${ids}::text[])
    union
    select id from expenses where tenant_id = ${tenantId} and id = any(${ids}::text[])`.execute(sql);
  return new Set(rows.map(({ id }) => id));
}

export type ImportedExpense = { time: Temporal.Instant; isDeleted: boolean };

/** The expenses whose last event is of `source`. Rides on the primary key of `expenses`. */
export async function findImportedExpenses(
  sql: Sql,
  { tenantId, source, ids }: { tenantId: string; source: string; ids: readonly string[] },
): Promise<Map<string, ImportedExpense>> {
  const { rows } = await statement<{ id: string; event_time: string; is_deleted: boolean }>`
    select id, event_time, user_id is null as is_deleted
    from expenses
    where tenant_id = ${tenantId} and event_source = ${source} and id = any(${ids}::text[])`.execute(sql);
  return new Map(
    rows.map((row) => [row.id, { time: Temporal.Instant.from(row.event_time), isDeleted: row.is_deleted }]),
  );
}

/**
 * The times of the last events of live expenses that another source describes. Rides on the primary key of
 * `expenses`.
 */
export async function findOthersExpenses(
  sql: Sql,
  { tenantId, source, ids }: { tenantId: string; source: string; ids: readonly string[] },
): Promise<Map<string, Temporal.Instant>> {
  const { rows } = await statement<{ id: string; event_time: string }>`
    select id, event_time
    from expenses
    where tenant_id = ${tenantId} and event_source <> ${source} and user_id is not null
      and id = any(${ids}::text[])`.execute(sql);
  return new Map(rows.map((row) => [row.id, Temporal.Instant.from(row.event_time)]));
}
