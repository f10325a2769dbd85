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
    const webhook = await createWebhookSource(sql, tenantId, now, { actor });
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

export type ListedTenant = {
  tenantId: string;
  name: string;
  timezone: string;
  currency: string;
  createdAt: Temporal.Instant;
};

/** All of the installation, oldest first. Primary key. */
export async function listTenantNames(db: Database): Promise<ListedTenant[]> {
  const ids = await listTenants(db.sql);
  type Row = Omit<ListedTenant, 'createdAt'> & { createdAt: string };
  const rows = await db.statement<Row>(
    ids,
    statement`
      select id as "tenantId", name, timezone, currency, created_at as "createdAt"
      from tenants where id = any(${ids}::uuid[]) order by id`,
  );
  return rows.map((row) => ({ ...row, createdAt: Temporal.Instant.from(row.createdAt) }));
}

export type DescribedTenant = Required<TenantDraft> & {
  createdAt: Temporal.Instant;
  people: number;
  /** Those that are active. */
  rules: number;
  /** Those that are not revoked. */
  keys: number;
};

/** Null if the tenant does not exist. The counts read indexes that begin with the tenant. */
export async function describeTenant(sql: Sql, tenantId: string): Promise<DescribedTenant | null> {
  type Row = Omit<DescribedTenant, 'createdAt'> & { createdAt: string };
  const { rows } = await statement<Row>`
    select name, timezone, currency, benchmarks,
      confirm_addresses as "confirmAddresses", created_at as "createdAt",
      (select count(*)::int from users where tenant_id = t.id) as people,
      (select count(*)::int from smart_alert_rules where tenant_id = t.id and is_active) as rules,
      (select count(*)::int from api_keys where tenant_id = t.id and revoked_at is null) as keys
    from tenants t
    where id = ${tenantId}::uuid`.execute(sql);
  const [row] = rows;
  return row ? { ...row, createdAt: Temporal.Instant.from(row.createdAt) } : null;
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
