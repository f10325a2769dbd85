/** Changes what is known of a category, which is registered where it was not. */
import { sql as statement } from 'kysely';
import type { Sql } from '../runtime/database/database.ts';

export type Category = { id: string; name: string | null; benchmarkKey: string | null };

/** What is left out stays. Answers the category as it is then. Rides on the primary key. */
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
