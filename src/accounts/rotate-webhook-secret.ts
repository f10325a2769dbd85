/**
 * Gives a webhook source a new secret. The previous secret stays valid for a while, and an older one is
 * dropped. Only the operator does this, by the source's id and without naming a tenant.
 */
import { sql as statement } from 'kysely';
import type { Database, Sql } from '../runtime/database/database.ts';
import { createWebhookSecret } from './webhook-secret.ts';
import { findWebhookSource } from './find-webhook-source.ts';

export type RotatedWebhookSecret = {
  sourceId: string;
  tenantId: string;
  /** The new secret: `whsec_` and base64. */
  secret: string;
};

/**
 * `previousEndsAt` is by the machine's clock, as the times in signatures are. Null if the source does not
 * exist.
 */
export async function rotateWebhookSecret(
  db: Database,
  sourceId: string,
  previousEndsAt: Temporal.Instant,
): Promise<RotatedWebhookSecret | null> {
  const { tenantId } = await findWebhookSource(db.sql, sourceId);
  if (tenantId === null) return null;
  const { bytes, text } = createWebhookSecret();
  const isRotated = await db.transaction([tenantId], (sql) =>
    rotate(sql, { tenantId, sourceId }, bytes, previousEndsAt),
  );
  return isRotated ? { sourceId, tenantId, secret: text } : null;
}

/** One statement, so that concurrent rotations run one after the other. Rides on the primary key. */
async function rotate(
  sql: Sql,
  { tenantId, sourceId }: { tenantId: string; sourceId: string },
  secret: Buffer,
  previousEndsAt: Temporal.Instant,
): Promise<boolean> {
  const { rows } = await statement`
    update webhook_sources set
      secret = ${secret}::bytea,
      previous_secret = secret,
      previous_ends_at = ${previousEndsAt.toString()}::timestamptz
    where tenant_id = ${tenantId}::uuid and id = ${sourceId}::uuid
    returning id`.execute(sql);
  return rows.length > 0;
}
