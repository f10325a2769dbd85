/**
 * Lists every tenant's id, for jobs that process all tenants. The database function may read every tenant.
 */
import { sql as statement } from 'kysely';
import type { Sql } from '../runtime/database/database.ts';

export async function listTenants(sql: Sql): Promise<string[]> {
  const { rows } = await statement<{ id: string }>`select id from lookup.list_tenants() as id`.execute(sql);
  return rows.map(({ id }) => id);
}
