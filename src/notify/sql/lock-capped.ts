/** Locks the capped notifications that are due, until the transaction ends. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';
import { personKey, type PersonRef } from '../../values/refs.ts';
import type { DueNotification } from '../decide/policy.ts';
import { toWaited, waitedRow, type WaitedRow } from './waited-row.ts';
import { policyColumns, type PolicyRow, policyTables, toPendingNotification } from './policy-row.ts';

/** `reason`: why it is capped. */
export type CappedNotification = DueNotification & { until: Temporal.Instant; reason: string };

/**
 * By `personKey`, in the order in which they were made. The caller has locked the people. Rides on
 * `notification_history_held_user`.
 */
export async function lockCapped(
  sql: Sql,
  people: readonly PersonRef[],
  now: Temporal.Instant,
): Promise<Map<string, CappedNotification[]>> {
  const { rows } = await statement<PolicyRow & { until: string; waited: WaitedRow }>`
    select ${policyColumns}, n.until, ${waitedRow} as waited
    from ${policyTables}
    where (n.tenant_id, n.user_id) in (
        select * from unnest(
          ${people.map(({ tenantId }) => tenantId)}::uuid[],
          ${people.map(({ userId }) => userId)}::text[]
        )
      )
      and n.status = 'capped' and n.until <= ${now.toString()}
    order by n.created_at, n.id
    for no key update of n`.execute(sql);
  const capped = rows.map((row) => ({
    item: toPendingNotification(row),
    waited: toWaited(row.waited),
    until: Temporal.Instant.from(row.until),
    reason: row.reason ?? 'daily_cap',
  }));
  return Map.groupBy(capped, ({ item }) => personKey(item));
}
