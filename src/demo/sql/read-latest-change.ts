/** Reads the time of a tenant's last activity, from which an interrupted replay's clock continues. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';

/**
 * The latest time at which a batch was received or applied, a delivery changed, or an unfinished run had a heartbeat.
 * Null if nothing has happened yet. Scans the tenant's batches and deliveries, so it is only for the demo.
 */
export async function readLatestChange(sql: Sql, tenantId: string): Promise<Temporal.Instant | null> {
  const { rows } = await statement<{ at: string | null }>`
    select greatest(
      (
        select max(greatest(received_at, applied_at)) from event_batches where tenant_id = ${tenantId}::uuid
      ),
      (select max(changed_at) from notification_deliveries where tenant_id = ${tenantId}::uuid),
      (select max(changed_at) from job_runs where status in ('queued', 'running'))
    ) as at`.execute(sql);
  const at = rows[0]?.at ?? null;
  return at === null ? null : Temporal.Instant.from(at);
}
