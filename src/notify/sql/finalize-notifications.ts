/** Finalizes notifications without a delivery under way, and finalizes them anew after a later outcome. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';
import type { NotificationRef } from '../../values/refs.ts';

/**
 * A notification is `failed` if an interrupting delivery was tried and none succeeded, else `sent`. If none
 * succeeded, tried or not, its interruption is given back to the daily quota. That happens once: it does not count
 * again, even if a delivery turns out to have arrived. The caller has locked the notifications and names each once.
 * Rides on primary keys and `notification_deliveries_channel`.
 */
export async function finalizeNotifications(
  sql: Sql,
  refs: readonly NotificationRef[],
  now: Temporal.Instant,
): Promise<void> {
  if (refs.length === 0) return;
  await statement`
    with ending as (
      select n.tenant_id, n.id, n.user_id, n.interrupted_on, told.has_interrupted, verdict.is_failed
      from unnest(
        ${refs.map(({ tenantId }) => tenantId)}::uuid[],
        ${refs.map(({ notificationId }) => notificationId)}::uuid[]
      ) as asked (tenant_id, id)
      join notification_history n using (tenant_id, id)
      cross join lateral (
        select
          bool_or(d.status in ('pending', 'sending')) as is_under_way,
          bool_or(d.channel <> 'in-app' and d.status <> 'skipped') as was_tried,
          bool_or(d.channel <> 'in-app' and d.status in ('sent', 'delivered')) as has_interrupted
        from notification_deliveries d
        where d.tenant_id = n.tenant_id and d.notification_id = n.id
      ) told
      cross join lateral (select told.was_tried and not told.has_interrupted as is_failed) verdict
      where not told.is_under_way
        and (n.status = 'pending' or n.status = case when verdict.is_failed then 'sent' else 'failed' end)
    ), ended as (
      update notification_history n
      set status = case when ending.is_failed then 'failed' else 'sent' end,
        reason = case
          when ending.is_failed then 'delivery_failed'
          when n.status = 'failed' then null
          else n.reason
        end,
        sent_at = case when ending.is_failed then null else ${now.toString()}::timestamptz end,
        interrupted_on = case when ending.has_interrupted then n.interrupted_on end
      from ending
      where n.tenant_id = ending.tenant_id and n.id = ending.id
    ), freed as (
      select tenant_id, user_id, interrupted_on as day, count(*)::int as places
      from ending
      where not has_interrupted and interrupted_on is not null
      group by tenant_id, user_id, interrupted_on
    )
    update daily_interruptions d
    set count = d.count - freed.places
    from freed
    where d.tenant_id = freed.tenant_id and d.user_id = freed.user_id and d.day = freed.day`.execute(sql);
}
