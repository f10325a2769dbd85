/**
 * Finds the active key of a hash. The database function may read every tenant, because the tenant is not
 * known yet.
 */
import { sql as statement } from 'kysely';
import type { Sql } from '../runtime/database/database.ts';

export type ApiKey = { id: string; tenantId: string; scope: 'ingest' | 'admin' };

/** `hash` is the key's SHA-256. Null if there is no such key or it is revoked. Rides on `api_keys_hash`. */
export async function findApiKey(sql: Sql, hash: Buffer): Promise<ApiKey | null> {
  const { rows } = await statement<ApiKey>`
    select id, tenant_id as "tenantId", scope from lookup.find_api_key(${hash}::bytea)`.execute(sql);
  return rows[0] ?? null;
}
