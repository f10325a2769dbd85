/** Checks whether a tenant exists. */
import type { Sql } from '../runtime/database/database.ts';

/** Rides on the primary key of `tenants`. */
export async function findTenant(sql: Sql, tenantId: string): Promise<boolean> {
  const row = await sql.selectFrom('tenants').select('id').where('id', '=', tenantId).executeTakeFirst();
  return row !== undefined;
}
