/** Ends merchant and description in the stored events of deleted expenses. */
import { sql as statement } from 'kysely';
import type { Sql } from '../runtime/database/database.ts';

/**
 * Blanks at most `limit` events, and returns their number. An expense that a later event brought back keeps its texts, as
 * does an event that is not applied yet and may bring it back. The events that delete or replace ride on
 * `events_deleted` and `events_replacing`. The others are found in the tenant's part of the inbox.
 */
export async function blankDeletedEvents(sql: Sql, tenantId: string, limit: number): Promise<number> {
  const { numAffectedRows } = await statement`
    with deleted as materialized (
      select d.expense_id
      from (
        select expense_id from events where tenant_id = ${tenantId} and type = 'expense.deleted'
        union
        select replaces from events where tenant_id = ${tenantId} and replaces is not null
      ) d
      join expenses x on x.tenant_id = ${tenantId} and x.id = d.expense_id and x.user_id is null
    ), texts as (
      select e.source, e.id
      from events e
      join event_batches b on b.tenant_id = e.tenant_id and b.id = e.batch_id and b.applied_at is not null
      where e.tenant_id = ${tenantId} and e.expense_id in (select expense_id from deleted)
        and (e.merchant is not null or e.description is not null)
      limit ${limit}
    )
    update events e set merchant = null, description = null
    from texts
    where e.tenant_id = ${tenantId} and e.source = texts.source and e.id = texts.id`.execute(sql);
  return Number(numAffectedRows ?? 0n);
}
