/** Where a tenant's time stood when it was last at work, for a clock that is to go on from there. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';

/**
 * When its events were last taken in or applied, its deliveries last changed, or a run that has not ended was
 * last heard of. Null where nothing has happened yet. Reads its batches and deliveries through: for the demo alone.
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
