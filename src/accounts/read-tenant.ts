/** Reads a tenant's time zone and currency. */
import type { Sql } from '../runtime/database/database.ts';

export type TenantSettings = { timezone: string; currency: string };

/** Null if the tenant does not exist. Rides on the primary key of `tenants`. */
export async function readTenant(sql: Sql, tenantId: string): Promise<TenantSettings | null> {
  const row = await sql
    .selectFrom('tenants')
    .select(['timezone', 'currency'])
    .where('id', '=', tenantId)
    .executeTakeFirst();
  return row ?? null;
}
