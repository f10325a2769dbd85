/** Revokes an API key. Only the operator does this, by the key's id and without naming a tenant. */
import { sql as statement } from 'kysely';
import type { Database, Sql } from '../runtime/database/database.ts';

export type RevokedApiKey = { keyId: string; tenantId: string; revokedAt: Temporal.Instant };

/** Null if the key does not exist. A key revoked before keeps its instant. Rides on the primary key. */
export async function revokeApiKey(
  db: Database,
  keyId: string,
  now: Temporal.Instant,
): Promise<RevokedApiKey | null> {
  const tenantId = await findTenantOfKey(db.sql, keyId);
  if (tenantId === null) return null;
  const revokedAt = await db.transaction([tenantId], (sql) => revoke(sql, { tenantId, keyId }, now));
  return revokedAt && { keyId, tenantId, revokedAt };
}

/**
 * The database function may read every tenant. It scans the whole table, which is small and rarely read this
 * way.
 */
async function findTenantOfKey(sql: Sql, keyId: string): Promise<string | null> {
  const { rows } = await statement<{ tenant_id: string | null }>`
    select lookup.find_tenant_of_key(${keyId}::uuid) as tenant_id`.execute(sql);
  return rows[0]?.tenant_id ?? null;
}

async function revoke(
  sql: Sql,
  { tenantId, keyId }: { tenantId: string; keyId: string },
  now: Temporal.Instant,
): Promise<Temporal.Instant | null> {
  const { rows } = await statement<{ revoked_at: string }>`
    update api_keys set revoked_at = coalesce(revoked_at, ${now.toString()}::timestamptz)
    where tenant_id = ${tenantId}::uuid and id = ${keyId}::uuid
    returning revoked_at`.execute(sql);
  return rows[0] ? Temporal.Instant.from(rows[0].revoked_at) : null;
}
