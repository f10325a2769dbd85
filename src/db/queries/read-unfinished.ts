/** Whether a tenant's work, or a scheduled job's, is still under way. */
import { sql as statement } from 'kysely';
import type { Sql } from '../database.ts';

export type Unfinished = { batches: boolean; notifications: boolean; deliveries: boolean; jobs: boolean };

/** One look, in one snapshot. Rides on the partial indexes of what is unfinished. */
export async function readUnfinished(sql: Sql, tenantId: string): Promise<Unfinished> {
  const { rows } = await statement<Unfinished>`
    select
      exists (select from event_batches where tenant_id = ${tenantId}::uuid and applied_at is null) as batches,
      exists (
        select from notification_history where tenant_id = ${tenantId}::uuid and status = 'pending'
      ) as notifications,
      exists (
        select from notification_deliveries
        where tenant_id = ${tenantId}::uuid and status in ('pending', 'sending')
      ) as deliveries,
      exists (select from job_runs where status in ('queued', 'running')) as jobs`.execute(sql);
  return rows[0] ?? { batches: false, notifications: false, deliveries: false, jobs: false };
}
