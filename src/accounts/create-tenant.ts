/** Creates a tenant with its first API key, of scope `ingest`, and its first webhook source. */
import { randomUUIDv7 } from 'node:crypto';
import type { Database } from '../runtime/database/database.ts';
import { createApiKey } from './create-api-key.ts';
import { createWebhookSource, type CreatedWebhookSource } from './create-webhook-source.ts';

/** `timezone` is an IANA name and `currency` an ISO 4217 code. The caller has checked both. */
export type TenantDraft = {
  name: string;
  timezone: string;
  currency: string;
  benchmarks: 'opt-out' | 'opt-in';
};

export type CreatedTenant = {
  tenantId: string;
  keyId: string;
  apiKey: string;
  webhook: CreatedWebhookSource;
};

export async function createTenant(
  db: Database,
  draft: TenantDraft,
  now: Temporal.Instant,
): Promise<CreatedTenant> {
  const tenantId = randomUUIDv7();
  return db.transaction([tenantId], async (sql) => {
    await sql
      .insertInto('tenants')
      .values({ id: tenantId, ...draft, created_at: now.toString() })
      .execute();
    const key = await createApiKey(sql, tenantId, 'ingest', now);
    const webhook = await createWebhookSource(sql, tenantId, now);
    if (!key || !webhook) throw new Error(`tenant ${tenantId} vanished while it was being made`);
    return { tenantId, ...key, webhook };
  });
}
