/** Updates a category, and registers it if it is new. */
import { sql as statement } from 'kysely';
import type { Sql } from '../runtime/database/database.ts';

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
