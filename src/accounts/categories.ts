/** Categories: changed by their tenant, and read by name. */
import type { Sql } from '../runtime/database/database.ts';
import { sql as statement } from 'kysely';

export type Category = { id: string; name: string | null; benchmarkKey: string | null };

/** Omitted fields keep their values. Returns the category afterwards. Rides on the primary key. */
export async function putCategory(
  sql: Sql,
  { tenantId, categoryId }: { tenantId: string; categoryId: string },
  changes: Partial<Omit<Category, 'id'>>,
): Promise<Category> {
  const { name = null, benchmarkKey = null } = changes;
  const { rows } = await statement<Category>`
    insert into categories as known (tenant_id, id, name, benchmark_key)
    values (${tenantId}, ${categoryId}, ${name}, ${benchmarkKey})
    on conflict (tenant_id, id) do update set
      name = case when ${'name' in changes} then excluded.name else known.name end,
      benchmark_key = case when ${'benchmarkKey' in changes} then excluded.benchmark_key
        else known.benchmark_key end
    returning id, name, benchmark_key as "benchmarkKey"`.execute(sql);
  const [category] = rows;
  if (!category) throw new Error('an upsert answered no row');
  return category;
}

/** Maps category ids to names, for one of the requested tenants. Rides on the primary key. */
type NamesOf = (tenantId: string) => ReadonlyMap<string, string>;

type NameRow = { tenant_id: string; id: string; name: string };

export async function readCategoryNames(sql: Sql, tenantIds: readonly string[]): Promise<NamesOf> {
  const { rows } = await statement<NameRow>`
    select tenant_id, id, name
    from categories
    where tenant_id = any(${tenantIds}::uuid[]) and name is not null`.execute(sql);
  return namesOf(rows);
}

/** The names of these categories alone. Rides on the primary key. */
export async function findCategoryNames(
  sql: Sql,
  categories: readonly { tenantId: string; id: string }[],
): Promise<NamesOf> {
  const { rows } = await statement<NameRow>`
    select c.tenant_id, c.id, c.name
    from unnest(
      ${categories.map(({ tenantId }) => tenantId)}::uuid[],
      ${categories.map(({ id }) => id)}::text[]
    ) as asked (tenant_id, id)
    join categories c using (tenant_id, id)
    where c.name is not null`.execute(sql);
  return namesOf(rows);
}

function namesOf(rows: readonly NameRow[]): NamesOf {
  const names = Map.groupBy(rows, ({ tenant_id }) => tenant_id);
  return (tenantId) => new Map((names.get(tenantId) ?? []).map(({ id, name }) => [id, name]));
}
