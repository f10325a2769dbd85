/** Reads the names of categories that have one. */
import { sql as statement } from 'kysely';
import type { Sql } from '../runtime/database/database.ts';

/** Maps category ids to names, for one of the requested tenants. Rides on the primary key. */
type NamesOf = (tenantId: string) => ReadonlyMap<string, string>;

export async function readCategoryNames(sql: Sql, tenantIds: readonly string[]): Promise<NamesOf> {
  const { rows } = await statement<{ tenant_id: string; id: string; name: string }>`
    select tenant_id, id, name
    from categories
    where tenant_id = any(${tenantIds}::uuid[]) and name is not null`.execute(sql);
  const names = Map.groupBy(rows, ({ tenant_id }) => tenant_id);
  return (tenantId) => new Map((names.get(tenantId) ?? []).map(({ id, name }) => [id, name]));
}
