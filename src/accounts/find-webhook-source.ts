/**
 * Finds a webhook source by its id. The database function may read every tenant, because the tenant is not
 * known yet.
 */
import { sql as statement } from 'kysely';
import type { Sql } from '../runtime/database/database.ts';
import { createWebhookSecret } from './webhook-secret.ts';

export type WebhookSource = {
  sourceId: string;
  /**
   * Null if the source does not exist. Its secrets are then `nobodysSecret`, so that checking takes as long.
   */
  tenantId: string | null;
  secret: Buffer;
  /** Valid until `endsAt` by the machine's clock. */
  previous: { secret: Buffer; endsAt: Temporal.Instant };
};

/** Known to this process alone and never shown, so nobody can sign with it. */
export const nobodysSecret = createWebhookSecret().bytes;

type Row = {
  tenant_id: string | null;
  secret: Buffer;
  previous_secret: Buffer;
  previous_ends_at: string;
};

/**
 * `sourceId` is a UUID. The statement returns one row even if there is no source, so that reading takes as
 * long. Rides on `webhook_sources_id`.
 */
export async function findWebhookSource(sql: Sql, sourceId: string): Promise<WebhookSource> {
  const { rows } = await statement<Row>`
    select tenant_id,
      coalesce(secret, ${nobodysSecret}::bytea) as secret,
      coalesce(previous_secret, ${nobodysSecret}::bytea) as previous_secret,
      coalesce(previous_ends_at, to_timestamp(0)) as previous_ends_at
    from (values (1)) as always
    left join lookup.find_webhook_source(${sourceId}::uuid) on true`.execute(sql);
  const [row] = rows;
  if (!row) throw new Error('a row that is always there was not');
  const previous = { secret: row.previous_secret, endsAt: Temporal.Instant.from(row.previous_ends_at) };
  return { sourceId, tenantId: row.tenant_id, secret: row.secret, previous };
}
