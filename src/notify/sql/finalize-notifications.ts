/** Finalizes notifications without a delivery under way, and finalizes them anew after a later outcome. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';
import type { NotificationRef } from '../../values/refs.ts';

/** The levels of the alerts that `asked` names, or that were merged into them. */
const markHeard = statement`
  update alert_states a
  set notified_at = greatest(a.notified_at, asked.heard_at),
    is_heard = case when a.notification_id = n.id then true else a.is_heard end
  from asked
  cross join lateral (
    select m.* from notification_history m where m.tenant_id = asked.tenant_id and m.id = asked.id
    union all
    select m.* from notification_history m where m.tenant_id = asked.tenant_id and m.merged_into = asked.id
  ) n
  where asked.heard_at is not null and n.type = 'budget_alert'
    and a.tenant_id = n.tenant_id and a.rule_id = n.rule_id
    and a.period_start = n.period_start and a.period_end = n.period_end and a.level = n.level`;

/**
 * Marks the levels as heard whose alerts were sent on a channel that interrupts. An alert without such a channel is heard
 * in the app, unless its rule is muted. What is said of an alert holds for those that were merged into a notification.
 *
 * A notification is `failed` if an interrupting delivery was tried and none succeeded, else `sent`. If none
 * succeeded, tried or not, its interruption is given back to the daily quota. That happens once: it does not count
 * again, even if a delivery turns out to have arrived. The caller has locked the notifications and names each once.
 * Rides on primary keys, `notification_deliveries_channel` and `notification_history_merged`.
 */
export async function finalizeNotifications(
  sql: Sql,
  refs: readonly NotificationRef[],
  now: Temporal.Instant,
): Promise<void> {
  if (refs.length === 0) return;
  await statement`
    with asked as materialized (
      select n.tenant_id, n.id, n.user_id, n.interrupted_on, n.status, told.is_under_way,
        coalesce(told.has_interrupted, false) as has_interrupted, verdict.is_failed,
        coalesce(told.interrupted_at, case when n.status = 'pending' and not told.is_under_way and not told.was_tried
          and not told.is_silenced and coalesce(n.reason, '') not in ('muted', 'snoozed', 'on_pace')
          then ${now.toString()}::timestamptz end) as heard_at
      from unnest(
        ${refs.map(({ tenantId }) => tenantId)}::uuid[],
        ${refs.map(({ notificationId }) => notificationId)}::uuid[]
      ) as asked (tenant_id, id)
      join notification_history n using (tenant_id, id)
      cross join lateral (
        select
          bool_or(d.status in ('pending', 'sending')) as is_under_way,
          bool_or(d.channel <> 'in-app' and d.status <> 'skipped') as was_tried,
          bool_or(d.channel <> 'in-app' and d.status in ('sent', 'delivered')) as has_interrupted,
          max(d.sent_at) filter (where d.channel <> 'in-app' and d.status in ('sent', 'delivered')) as interrupted_at,
          coalesce(bool_or(d.failure_reason in ('muted', 'snoozed')), false) as is_silenced
        from notification_deliveries d
        where d.tenant_id = n.tenant_id and d.notification_id = n.id
      ) told
      cross join lateral (select told.was_tried and not told.has_interrupted as is_failed) verdict
    ), heard as (
      ${markHeard}
    ), ending as (
      select * from asked
      where not is_under_way
        and (status = 'pending' or status = case when is_failed then 'sent' else 'failed' end)
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
