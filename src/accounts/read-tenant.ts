/** Reads what a tenant's days and amounts are in. */
import type { Sql } from '../runtime/database/database.ts';

export type TenantSettings = { timezone: string; currency: string };

/** Rides on the primary key of `tenants`. Null: there is no such tenant. */
export async function readTenant(sql: Sql, tenantId: string): Promise<TenantSettings | null> {
  const row = await sql
    .selectFrom('tenants')
    .select(['timezone', 'currency'])
    .where('id', '=', tenantId)
    .executeTakeFirst();
  return row ?? null;
}
