/** Finds the live key a hash belongs to. The one look-up that comes before the tenant is known. */
import { sql as statement } from 'kysely';
import type { Sql } from '../database.ts';

export type ApiKey = { tenantId: string; scope: 'ingest' | 'admin' };

/** `hash`: the key's SHA-256. Rides on api_keys_hash. Null: no such key, or revoked. */
export async function findApiKey(sql: Sql, hash: Buffer): Promise<ApiKey | null> {
  const { rows } = await statement<ApiKey>`
    select tenant_id as "tenantId", scope
    from api_keys
    where hash = ${hash}::bytea and revoked_at is null`.execute(sql);
  return rows[0] ?? null;
}
