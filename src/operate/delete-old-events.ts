/** Deletes events that were applied long ago. A repeat that comes later is recognised by the time of its expense. */
import { sql as statement } from 'kysely';
import type { Sql } from '../runtime/database/database.ts';

/**
 * Deletes at most `limit` applied batches of the tenant, received before `before`, with their events. Skips batches
 * that another run deletes. Rides on `event_batches_applied` and `events_batch`.
 */
export async function deleteOldEvents(
  sql: Sql,
  tenantId: string,
  before: Temporal.Instant,
  limit: number,
): Promise<{ batches: number; events: number }> {
  const { rows } = await statement<{ batches: number; events: number }>`
    with old as (
      select id from event_batches
      where tenant_id = ${tenantId} and applied_at is not null and received_at < ${before.toString()}
      order by received_at
      limit ${limit}
      for update skip locked
    ), events_gone as (
      delete from events e using old where e.tenant_id = ${tenantId} and e.batch_id = old.id
      returning 1
    ), batches_gone as (
      delete from event_batches b using old where b.tenant_id = ${tenantId} and b.id = old.id
      returning 1
    )
    select (select count(*)::int from batches_gone) as batches,
      (select count(*)::int from events_gone) as events`.execute(sql);
  return rows[0] ?? { batches: 0, events: 0 };
}
