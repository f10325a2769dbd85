/** Takes an API key out of use. The operator's own: it names the key alone, whichever tenant has it. */
import { sql as statement } from 'kysely';
import type { Sql } from '../database.ts';

export type RevokedApiKey = { keyId: string; tenantId: string; revokedAt: Temporal.Instant };

/**
 * Null: there is no such key. One already revoked keeps its instant. Reads the whole, small table: no
 * index leads with the key's id, and an operator seldom asks.
 */
export async function revokeApiKey(
  sql: Sql,
  keyId: string,
  now: Temporal.Instant,
): Promise<RevokedApiKey | null> {
  const { rows } = await statement<{ tenant_id: string; revoked_at: string }>`
    update api_keys set revoked_at = coalesce(revoked_at, ${now.toString()}::timestamptz)
    where id = ${keyId}::uuid
    returning tenant_id, revoked_at`.execute(sql);
  const [row] = rows;
  return row ? { keyId, tenantId: row.tenant_id, revokedAt: Temporal.Instant.from(row.revoked_at) } : null;
}
