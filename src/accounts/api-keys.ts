/** API keys: created, found by the key itself, listed and revoked. A key is kept as its hash. */
import type { Database, Sql } from '../runtime/database/database.ts';
import { commandLine, recordAudit } from './audit-record.ts';
import { sql as statement } from 'kysely';
import { createHash, randomBytes, randomUUIDv7 } from 'node:crypto';

export const apiKeyScopes = ['ingest', 'admin'] as const;
export type ApiKeyScope = (typeof apiKeyScopes)[number];

/** `apiKey` is the credential: `swk_` and 43 characters of base64url, which are 256 random bits. */
export type CreatedApiKey = { keyId: string; apiKey: string };

/** Null if the tenant does not exist. Rides on the primary key of `tenants`. */
export async function createApiKey(
  sql: Sql,
  tenantId: string,
  scope: ApiKeyScope,
  now: Temporal.Instant,
  actor = commandLine,
): Promise<CreatedApiKey | null> {
  const keyId = randomUUIDv7();
  const apiKey = `swk_${randomBytes(32).toString('base64url')}`;
  const hash = createHash('sha256').update(apiKey).digest();
  const { rows } = await statement`
    insert into api_keys (tenant_id, id, hash, scope, created_at)
    select id, ${keyId}::uuid, ${hash}::bytea, ${scope}, ${now.toString()}::timestamptz
    from tenants where id = ${tenantId}::uuid
    returning id`.execute(sql);
  if (rows.length === 0) return null;
  await recordAudit(sql, { action: 'key.created', actor, tenantId, subject: keyId, details: { scope } });
  return { keyId, apiKey };
}

export type ApiKey = { id: string; tenantId: string; scope: ApiKeyScope };

/** `hash` is the key's SHA-256. Null if there is no such key or it is revoked. Rides on `api_keys_hash`. */
export async function findApiKey(sql: Sql, hash: Buffer): Promise<ApiKey | null> {
  const { rows } = await statement<ApiKey>`
    select id, tenant_id as "tenantId", scope from lookup.find_api_key(${hash}::bytea)`.execute(sql);
  return rows[0] ?? null;
}

export type ListedApiKey = {
  keyId: string;
  scope: ApiKeyScope;
  createdAt: Temporal.Instant;
  revokedAt: Temporal.Instant | null;
};

type Row = { id: string; scope: ApiKeyScope; created_at: string; revoked_at: string | null };

/** Oldest first. Scans the whole table, which is small and rarely read this way. */
export async function listApiKeys(sql: Sql, tenantId: string): Promise<ListedApiKey[]> {
  const { rows } = await statement<Row>`
    select id, scope, created_at, revoked_at
    from api_keys
    where tenant_id = ${tenantId}::uuid
    order by created_at, id`.execute(sql);
  return rows.map((row) => ({
    keyId: row.id,
    scope: row.scope,
    createdAt: Temporal.Instant.from(row.created_at),
    revokedAt: row.revoked_at === null ? null : Temporal.Instant.from(row.revoked_at),
  }));
}

export type RevokedApiKey = { keyId: string; tenantId: string; revokedAt: Temporal.Instant };

/**
 * Null if the key does not exist. A key revoked before keeps its instant. The tokens that it made end with it. Rides on
 * the primary key.
 */
export async function revokeApiKey(
  db: Database,
  keyId: string,
  now: Temporal.Instant,
  actor = commandLine,
): Promise<RevokedApiKey | null> {
  const tenantId = await findTenantOfKey(db.sql, keyId);
  if (tenantId === null) return null;
  const revokedAt = await db.transaction([tenantId], async (sql) => {
    const since = await revoke(sql, { tenantId, keyId }, now);
    if (since) await recordAudit(sql, { action: 'key.revoked', actor, tenantId, subject: keyId });
    return since;
  });
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
