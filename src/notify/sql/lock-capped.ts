/** Holds what the daily cap kept back and is due, until the transaction ends. */
import { sql as statement } from 'kysely';
import type { PendingNotification } from '../decide/policy.ts';
import type { Sql } from '../../runtime/database/database.ts';
import {
  selectPendingNotifications,
  type PendingNotificationRow,
  toPendingNotification,
} from './pending-notification-row.ts';
import { personKey, type PersonRef } from '../../values/refs.ts';

export type CappedNotification = { item: PendingNotification; until: Temporal.Instant };

/**
 * By `personKey`, in the order in which it came. The people are locked by the caller. Rides on
 * `notification_history_held_user`.
 */
export async function lockCapped(
  sql: Sql,
  people: readonly PersonRef[],
  now: Temporal.Instant,
): Promise<Map<string, CappedNotification[]>> {
  const { rows } = await statement<PendingNotificationRow & { until: string }>`
    select told.*, n.until
    from notification_history n
    join (${selectPendingNotifications}) told on told.tenant_id = n.tenant_id and told.id = n.id
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
    until: Temporal.Instant.from(row.until),
  }));
  return Map.groupBy(capped, ({ item }) => personKey(item));
}
