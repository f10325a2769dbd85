/**
 * Lists a tenant's API keys for operators. The keys themselves are not known, because only hashes are stored.
 */
import { sql as statement } from 'kysely';
import type { Sql } from '../runtime/database/database.ts';
import type { ApiKeyScope } from './create-api-key.ts';

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
