/** Reads the status of an event. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';

/** `replaced`: the event of another sender that had described the expense until then. */
export type EventStatus = {
  status: 'pending' | 'applied' | 'failed';
  appliedAt?: string;
  error?: string;
  replaced?: { source: string; id: string };
};

type Row = {
  applied_at: string | null;
  error: string | null;
  replaced_source: string | null;
  replaced_id: string | null;
};

/** Returns null if the event was never accepted. Rides on the primary keys of `events` and `event_batches`. */
export async function readEventStatus(
  sql: Sql,
  { tenantId, source, id }: { tenantId: string; source: string; id: string },
): Promise<EventStatus | null> {
  const { rows } = await statement<Row>`
    select event_batches.applied_at, events.error, events.replaced_source, events.replaced_id
    from events
    left join event_batches
      on event_batches.tenant_id = events.tenant_id and event_batches.id = events.batch_id
    where events.tenant_id = ${tenantId} and events.source = ${source} and events.id = ${id}`.execute(sql);
  const [row] = rows;
  return row ? statusOf(row) : null;
}

function statusOf({
  applied_at: appliedAt,
  error,
  replaced_source: source,
  replaced_id: id,
}: Row): EventStatus {
  const at = appliedAt === null ? {} : { appliedAt: Temporal.Instant.from(appliedAt).toString() };
  if (error !== null) return { status: 'failed', ...at, error };
  const replaced = source === null || id === null ? {} : { replaced: { source, id } };
  return { status: appliedAt === null ? 'pending' : 'applied', ...at, ...replaced };
}
