/** Reads which kinds of a tenant's work, and of the scheduled jobs', are unfinished. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';

export type Unfinished = { batches: boolean; notifications: boolean; deliveries: boolean; jobs: boolean };

/**
 * Reads one snapshot. A delivery withheld at its claim because of quiet hours does not count as unfinished. Rides on
 * the partial indexes of unfinished rows and on `notification_deliveries_channel`.
 */
export async function readUnfinished(sql: Sql, tenantId: string): Promise<Unfinished> {
  const { rows } = await statement<Unfinished>`
    select
      exists (select from event_batches where tenant_id = ${tenantId}::uuid and applied_at is null) as batches,
      exists (
        select from notification_history n
        where n.tenant_id = ${tenantId}::uuid and n.status = 'pending' and not exists (
          select from notification_deliveries d
          where d.tenant_id = n.tenant_id and d.notification_id = n.id
            and d.status = 'pending' and d.failure_reason = 'quiet_hours'
        )
      ) as notifications,
      exists (
        select from notification_deliveries
        where tenant_id = ${tenantId}::uuid and status in ('pending', 'sending')
          and not (status = 'pending' and failure_reason is not distinct from 'quiet_hours')
      ) as deliveries,
      exists (select from job_runs where status in ('queued', 'running')) as jobs`.execute(sql);
  return rows[0] ?? { batches: false, notifications: false, deliveries: false, jobs: false };
}
