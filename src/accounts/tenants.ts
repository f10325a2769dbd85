/** Tenants: created, found, listed and read. */
import type { Database, Sql } from '../runtime/database/database.ts';
import { commandLine, recordAudit } from './audit-record.ts';
import { createApiKey } from './api-keys.ts';
import { type CreatedWebhookSource, createWebhookSource } from './webhook-sources.ts';
import { sql as statement } from 'kysely';
import { randomUUIDv7 } from 'node:crypto';

/** `timezone` is an IANA name and `currency` an ISO 4217 code. The caller has checked both. */
export type TenantDraft = {
  name: string;
  timezone: string;
  currency: string;
  benchmarks: 'opt-out' | 'opt-in';
  /** An address that its services set is used once the person has confirmed it; not unless given. */
  confirmAddresses?: boolean;
};

export type CreatedTenant = {
  tenantId: string;
  keyId: string;
  apiKey: string;
  webhook: CreatedWebhookSource;
};

export async function createTenant(
  db: Database,
  { confirmAddresses = false, ...draft }: TenantDraft,
  now: Temporal.Instant,
  actor = commandLine,
): Promise<CreatedTenant> {
  const tenantId = randomUUIDv7();
  return db.transaction([tenantId], async (sql) => {
    await sql
      .insertInto('tenants')
      .values({ id: tenantId, ...draft, confirm_addresses: confirmAddresses, created_at: now.toString() })
      .execute();
    await recordAudit(sql, { action: 'tenant.created', actor, tenantId, subject: tenantId });
    const key = await createApiKey(sql, tenantId, 'ingest', now, actor);
    const webhook = await createWebhookSource(sql, tenantId, now, actor);
    if (!key || !webhook) throw new Error(`tenant ${tenantId} vanished while it was being made`);
    return { tenantId, ...key, webhook };
  });
}

/** Rides on the primary key of `tenants`. */
export async function findTenant(sql: Sql, tenantId: string): Promise<boolean> {
  const row = await sql.selectFrom('tenants').select('id').where('id', '=', tenantId).executeTakeFirst();
  return row !== undefined;
}

export async function listTenants(sql: Sql): Promise<string[]> {
  const { rows } = await statement<{ id: string }>`select id from lookup.list_tenants() as id`.execute(sql);
  return rows.map(({ id }) => id);
}

export type TenantSettings = { timezone: string; currency: string };

/** Null if the tenant does not exist. Rides on the primary key of `tenants`. */
export async function readTenant(sql: Sql, tenantId: string): Promise<TenantSettings | null> {
  const row = await sql
    .selectFrom('tenants')
    .select(['timezone', 'currency'])
    .where('id', '=', tenantId)
    .executeTakeFirst();
  return row ?? null;
}
