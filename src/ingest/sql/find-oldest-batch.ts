/** Finds the time at which the oldest pending batch was received. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';

/** Returns null if no batch is pending. Rides on `event_batches_pending`. */
export async function findOldestBatch(
  sql: Sql,
  tenantIds: readonly string[],
): Promise<Temporal.Instant | null> {
  const { rows } = await statement<{ oldest: string | null }>`
    select min(received_at) as oldest
    from event_batches
    where tenant_id = any(${tenantIds}::uuid[]) and applied_at is null`.execute(sql);
  const oldest = rows[0]?.oldest ?? null;
  return oldest === null ? null : Temporal.Instant.from(oldest);
}
