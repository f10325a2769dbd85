/** Webhook sources: the services that sign the events they post. Created, found, listed and given a new secret. */
import type { Database, Sql } from '../runtime/database/database.ts';
import { commandLine, recordAudit } from './audit-record.ts';
import { sql as statement } from 'kysely';
import { randomBytes, randomUUIDv7 } from 'node:crypto';

/** `bytes` is the key itself. `text` is its form for the sender. */
export type WebhookSecret = { bytes: Buffer; text: string };

/** 256 random bits. The standard allows 192 to 512. */
function createWebhookSecret(): WebhookSecret {
  const bytes = randomBytes(32);
  return { bytes, text: `whsec_${bytes.toString('base64')}` };
}

/** `secret` is `whsec_` and base64. */
export type CreatedWebhookSource = { sourceId: string; secret: string };

/**
 * Null if the tenant does not exist. `ownIds`: its expenseIds never name an expense of another sender. Rides on the primary
 * key of `tenants`.
 */
export async function createWebhookSource(
  sql: Sql,
  tenantId: string,
  now: Temporal.Instant,
  { actor = commandLine, ownIds = false } = {},
): Promise<CreatedWebhookSource | null> {
  const sourceId = randomUUIDv7();
  const { bytes, text } = createWebhookSecret();
  const { rows } = await statement`
    insert into webhook_sources (tenant_id, id, secret, created_at, own_ids)
    select id, ${sourceId}::uuid, ${bytes}::bytea, ${now.toString()}::timestamptz, ${ownIds}::boolean
    from tenants where id = ${tenantId}::uuid
    returning id`.execute(sql);
  if (rows.length === 0) return null;
  await recordAudit(sql, {
    action: 'webhook.created',
    actor,
    tenantId,
    subject: sourceId,
    ...(ownIds ? { details: { ownIds } } : {}),
  });
  return { sourceId, secret: text };
}

export type WebhookSource = {
  sourceId: string;
  /**
   * Null if the source does not exist. Its secrets are then `nobodysSecret`, so that checking takes as long.
   */
  tenantId: string | null;
  /** Its expenseIds are its own: they are kept with its id before them. */
  ownIds: boolean;
  secret: Buffer;
  /** Valid until `endsAt` by the machine's clock. */
  previous: { secret: Buffer; endsAt: Temporal.Instant };
};

/** Known to this process alone and never shown, so nobody can sign with it. */
export const nobodysSecret = createWebhookSecret().bytes;

type Row = {
  tenant_id: string | null;
  own_ids: boolean;
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
    select tenant_id, coalesce(own_ids, false) as own_ids,
      coalesce(secret, ${nobodysSecret}::bytea) as secret,
      coalesce(previous_secret, ${nobodysSecret}::bytea) as previous_secret,
      coalesce(previous_ends_at, to_timestamp(0)) as previous_ends_at
    from (values (1)) as always
    left join lookup.find_webhook_source(${sourceId}::uuid) on true`.execute(sql);
  const [row] = rows;
  if (!row) throw new Error('a row that is always there was not');
  const previous = { secret: row.previous_secret, endsAt: Temporal.Instant.from(row.previous_ends_at) };
  return { sourceId, tenantId: row.tenant_id, ownIds: row.own_ids, secret: row.secret, previous };
}

export type ListedWebhookSource = { sourceId: string; ownIds: boolean; createdAt: Temporal.Instant };

/** Oldest first. Rides on the primary key. */
export async function listWebhookSources(sql: Sql, tenantId: string): Promise<ListedWebhookSource[]> {
  const { rows } = await statement<{ id: string; own_ids: boolean; created_at: string }>`
    select id, own_ids, created_at
    from webhook_sources
    where tenant_id = ${tenantId}::uuid
    order by created_at, id`.execute(sql);
  return rows.map((row) => ({
    sourceId: row.id,
    ownIds: row.own_ids,
    createdAt: Temporal.Instant.from(row.created_at),
  }));
}

/** Those of these ids that are webhooks of the tenant. Rides on the primary key. */
export async function findOwnSources(
  db: Database,
  tenantId: string,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await db.statement<{ id: string }>(
    [tenantId],
    statement`select id::text from webhook_sources where tenant_id = ${tenantId} and id = any(${ids}::uuid[])`,
  );
  return new Set(rows.map(({ id }) => id));
}

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
  actor = commandLine,
): Promise<RotatedWebhookSecret | null> {
  const { tenantId } = await findWebhookSource(db.sql, sourceId);
  if (tenantId === null) return null;
  const { bytes, text } = createWebhookSecret();
  const isRotated = await db.transaction([tenantId], async (sql) => {
    await recordAudit(sql, { action: 'webhook.rotated', actor, tenantId, subject: sourceId });
    return rotate(sql, { tenantId, sourceId }, bytes, previousEndsAt);
  });
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
