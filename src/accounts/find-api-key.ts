/** Finds the live key a hash belongs to, by a function that may look into every tenant: whose it is, is the question. */
import { sql as statement } from 'kysely';
import type { Sql } from '../runtime/database/database.ts';

export type ApiKey = { id: string; tenantId: string; scope: 'ingest' | 'admin' };

/** `hash`: the key's SHA-256. Rides on api_keys_hash. Null: no such key, or revoked. */
export async function findApiKey(sql: Sql, hash: Buffer): Promise<ApiKey | null> {
  const { rows } = await statement<ApiKey>`
    select id, tenant_id as "tenantId", scope from lookup.find_api_key(${hash}::bytea)`.execute(sql);
  return rows[0] ?? null;
}
