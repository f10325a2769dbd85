/** Finds a webhook's source by its id, by a function that may look into every tenant: whose it is, is the question. */
import { sql as statement } from 'kysely';
import type { Sql } from '../runtime/database/database.ts';
import { createWebhookSecret } from './webhook-secret.ts';

export type WebhookSource = {
  sourceId: string;
  /** Null: there is no such source. Its secrets are then `nobodysSecret`, so that checking them takes as long. */
  tenantId: string | null;
  secret: Buffer;
  /** Good until `endsAt`, by the machine's clock. */
  previous: { secret: Buffer; endsAt: Temporal.Instant };
};

/** Of this process alone, and never told: nothing can be signed with it. */
export const nobodysSecret = createWebhookSecret().bytes;

type Row = {
  tenant_id: string | null;
  secret: Buffer;
  previous_secret: Buffer;
  previous_ends_at: string;
};

/**
 * `sourceId`: a UUID. One row whatever there is, so that reading it takes as long. Rides on webhook_sources_id.
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
