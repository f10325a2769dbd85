/** Reads the status of an event. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';

export type EventStatus = { status: 'pending' | 'applied' | 'failed'; appliedAt?: string; error?: string };

/** Returns null if the event was never accepted. Rides on the primary keys of `events` and `event_batches`. */
export async function readEventStatus(
  sql: Sql,
  { tenantId, source, id }: { tenantId: string; source: string; id: string },
): Promise<EventStatus | null> {
  const { rows } = await statement<{ applied_at: string | null; error: string | null }>`
    select event_batches.applied_at, events.error
    from events
    left join event_batches
      on event_batches.tenant_id = events.tenant_id and event_batches.id = events.batch_id
    where events.tenant_id = ${tenantId} and events.source = ${source} and events.id = ${id}`.execute(sql);
  const [row] = rows;
  return row ? statusOf(row.applied_at, row.error) : null;
}

function statusOf(appliedAt: string | null, error: string | null): EventStatus {
  const at = appliedAt === null ? {} : { appliedAt: Temporal.Instant.from(appliedAt).toString() };
  if (error !== null) return { status: 'failed', ...at, error };
  return { status: appliedAt === null ? 'pending' : 'applied', ...at };
}
