/** Lists the categories of a tenant that have benchmarks. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';

/** Covers the latest month with benchmarks, the largest cohorts first. Rides on the primary key. */
export async function listBenchmarkedCategories(
  sql: Sql,
  tenantId: string,
  limit: number,
): Promise<string[]> {
  const { rows } = await statement<{ id: string }>`
    select category.id
    from spending_benchmarks b, unnest(b.category_ids) as category (id)
    where b.tenant_id = ${tenantId}
      and b.month = (select max(month) from spending_benchmarks where tenant_id = ${tenantId})
    order by b.cohort_size desc, category.id
    limit ${limit}`.execute(sql);
  return rows.map(({ id }) => id);
}
