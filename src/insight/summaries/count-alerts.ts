/** Counts the levels that people were notified of in spans of their local days. */
import { sql as statement } from 'kysely';
import { startOfDay } from '../../values/period.ts';
import type { Sql } from '../../runtime/database/database.ts';
import type { AskedSpan } from './read-span-spending.ts';
import { columnOf } from '../../runtime/database/column-of.ts';

/**
 * Counts decisions `notified`, in the order of `asked`. Each of them made a notification at the same instant,
 * and they are found by it. Rides on `notification_history_user`, and then on the primary key of
 * `alert_decisions`.
 */
export async function countAlerts(sql: Sql, asked: readonly AskedSpan[]): Promise<number[]> {
  const column = columnOf(asked);
  const { rows } = await statement<{ count: number }>`
    select (
        select count(*)::int
        from notification_history n
        where n.tenant_id = k.tenant_id and n.user_id = k.user_id
          and n.created_at >= k.since and n.created_at < k.until and n.type = 'budget_alert'
          and exists (
            select
            from alert_decisions d
            where d.tenant_id = n.tenant_id and d.rule_id = n.rule_id and d.notification_id = n.id
              and d.outcome = 'notified'
          )
      ) as count
    from unnest(
      ${column(({ tenantId }) => tenantId)}::uuid[],
      ${column(({ userId }) => userId)}::text[],
      ${column(({ span, timeZone }) => startOfDay(span.start, timeZone).toString())}::timestamptz[],
      ${column(({ span, timeZone }) => startOfDay(span.end, timeZone).toString())}::timestamptz[]
    ) with ordinality as k (tenant_id, user_id, since, until, position)
    order by k.position`.execute(sql);
  return rows.map(({ count }) => count);
}
