/** Finds which of the ids that earlier versions gave to rows are known. */
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
