/**
 * Ends the addresses and texts of deliveries. A delivery that arrived or was skipped loses them when it ends. One that may
 * not have arrived keeps them for 30 days, for the operator. A digest of the address stays as long, because a provider
 * may still report that it bounced.
 */
import { type RawBuilder, sql as statement } from 'kysely';
import type { Sql } from '../runtime/database/database.ts';

const keptDays = { hours: 30 * 24 } as const;

/** The columns of a delivery `d` that goes to this status. One that is tried again keeps everything; a resend renders anew. */
export function blankingOf(status: RawBuilder<unknown>, now: Temporal.Instant) {
  const over = statement`${status} in ('sent', 'delivered', 'skipped')`;
  return {
    message: statement<object>`case when ${over} then '{}'::jsonb else d.message end`,
    address: statement<string | null>`case when ${over} then null else d.address end`,
    blank_at: statement<string | null>`case
      when ${status} = 'pending' then d.blank_at
      when not ${over} or d.address_digest is not null then ${now.add(keptDays).toString()}::timestamptz
    end`,
  };
}

/**
 * Blanks at most `limit` deliveries whose time has come, and returns their number. Those of an earlier version are due at
 * once. Rides on `notification_deliveries_blank`.
 */
export async function blankDeliveries(
  sql: Sql,
  tenantId: string,
  limit: number,
  now: Temporal.Instant,
): Promise<number> {
  const { numAffectedRows } = await statement`
    update notification_deliveries d
    set message = '{}', address = null, address_digest = null, blank_at = null
    from (
      select id from notification_deliveries
      where tenant_id = ${tenantId} and blank_at <= ${now.toString()} and status not in ('pending', 'sending')
      order by blank_at
      limit ${limit}
      for no key update skip locked
    ) old
    where d.tenant_id = ${tenantId} and d.id = old.id`.execute(sql);
  return Number(numAffectedRows ?? 0n);
}
