/**
 * Creates an API key for a tenant. The key itself is returned only here, because just its SHA-256 is stored.
 */
import { createHash, randomBytes, randomUUIDv7 } from 'node:crypto';
import { sql as statement } from 'kysely';
import type { Sql } from '../runtime/database/database.ts';

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
): Promise<CreatedApiKey | null> {
  const keyId = randomUUIDv7();
  const apiKey = `swk_${randomBytes(32).toString('base64url')}`;
  const hash = createHash('sha256').update(apiKey).digest();
  const { rows } = await statement`
    insert into api_keys (tenant_id, id, hash, scope, created_at)
    select id, ${keyId}::uuid, ${hash}::bytea, ${scope}, ${now.toString()}::timestamptz
    from tenants where id = ${tenantId}::uuid
    returning id`.execute(sql);
  return rows.length > 0 ? { keyId, apiKey } : null;
}
