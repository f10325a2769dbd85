/** Creates a webhook source for a tenant. Its secret is shown only once, here. */
import { randomUUIDv7 } from 'node:crypto';
import { sql as statement } from 'kysely';
import type { Sql } from '../runtime/database/database.ts';
import { createWebhookSecret } from './webhook-secret.ts';

/** `secret` is `whsec_` and base64. */
export type CreatedWebhookSource = { sourceId: string; secret: string };

/** Null if the tenant does not exist. Rides on the primary key of `tenants`. */
export async function createWebhookSource(
  sql: Sql,
  tenantId: string,
  now: Temporal.Instant,
): Promise<CreatedWebhookSource | null> {
  const sourceId = randomUUIDv7();
  const { bytes, text } = createWebhookSecret();
  const { rows } = await statement`
    insert into webhook_sources (tenant_id, id, secret, created_at)
    select id, ${sourceId}::uuid, ${bytes}::bytea, ${now.toString()}::timestamptz
    from tenants where id = ${tenantId}::uuid
    returning id`.execute(sql);
  return rows.length > 0 ? { sourceId, secret: text } : null;
}
