/** Deletes what is left of budget periods that ended long ago: sums, levels, decisions and notifications. Expenses stay. */
import { sql as statement } from 'kysely';
import type { Sql } from '../runtime/database/database.ts';

/** `before`: the day before which a period must have ended, and the instant of which a row without a period must be. */
export type Before = { day: string; instant: Temporal.Instant };

/** A rule's oldest rows, of which a portion takes this many. */
const oldestOfRule = 50;

/**
 * Deletes at most `limit` sums of rule periods, with their levels, and returns the number of sums. A late expense of such a
 * period measures it anew. Reads the first rows of each rule on the primary keys.
 */
export async function deleteOldPeriods(
  sql: Sql,
  tenantId: string,
  before: Before,
  limit: number,
): Promise<number> {
  const { rows } = await statement<{ periods: number }>`
    with old as materialized (
      select k.rule_id, k.period_start, k.period_end
      from smart_alert_rules r
      cross join lateral (
        select rule_id, period_start, period_end from rule_spend k
        where k.tenant_id = r.tenant_id and k.rule_id = r.id and k.period_start < ${before.day}::date
        order by k.period_start
        limit ${oldestOfRule}
      ) k
      where r.tenant_id = ${tenantId} and k.period_end < ${before.day}::date
      limit ${limit}
    ), levels as (
      delete from alert_states s using old
      where s.tenant_id = ${tenantId} and s.rule_id = old.rule_id and s.period_start = old.period_start
        and s.period_end = old.period_end
    ), forecast_levels as (
      delete from forecast_states s using old
      where s.tenant_id = ${tenantId} and s.rule_id = old.rule_id and s.period_start = old.period_start
        and s.period_end = old.period_end
    ), gone as (
      delete from rule_spend k using old
      where k.tenant_id = ${tenantId} and k.rule_id = old.rule_id and k.period_start = old.period_start
        and k.period_end = old.period_end
      returning 1
    )
    select count(*)::int as periods from gone`.execute(sql);
  return rows[0]?.periods ?? 0;
}

/**
 * Deletes at most `limit` decisions of periods that have no sum any more, and returns their number. Reads the first rows of
 * each rule on the primary keys.
 */
export async function deleteOldDecisions(
  sql: Sql,
  tenantId: string,
  before: Before,
  limit: number,
): Promise<number> {
  const { numAffectedRows } = await statement`
    delete from alert_decisions d
    using (
      select first.rule_id, first.number
      from smart_alert_rules r
      cross join lateral (
        select rule_id, number, at, period_start from alert_decisions d
        where d.tenant_id = r.tenant_id and d.rule_id = r.id
        order by d.number
        limit ${oldestOfRule}
      ) first
      where r.tenant_id = ${tenantId} and first.at < ${before.instant.toString()}
        and not exists (
          select from rule_spend k
          where k.tenant_id = r.tenant_id and k.rule_id = r.id and k.period_start = first.period_start
        )
      limit ${limit}
    ) old
    where d.tenant_id = ${tenantId} and d.rule_id = old.rule_id and d.number = old.number`.execute(sql);
  return Number(numAffectedRows ?? 0n);
}

/**
 * Deletes at most `limit` notifications with their deliveries, and returns their number. Those that still wait stay. Rides
 * on `notification_history_age` and `notification_deliveries_channel`.
 */
export async function deleteOldNotifications(
  sql: Sql,
  tenantId: string,
  before: Before,
  limit: number,
): Promise<number> {
  const { rows } = await statement<{ notifications: number }>`
    with old as materialized (
      select id from notification_history
      where tenant_id = ${tenantId} and created_at < ${before.instant.toString()}
        and (period_end is null or period_end < ${before.day}::date)
        and status not in ('pending', 'deferred', 'capped')
      limit ${limit}
      for update skip locked
    ), deliveries as (
      delete from notification_deliveries d using old
      where d.tenant_id = ${tenantId} and d.notification_id = old.id
    ), gone as (
      delete from notification_history n using old where n.tenant_id = ${tenantId} and n.id = old.id
      returning 1
    )
    select count(*)::int as notifications from gone`.execute(sql);
  return rows[0]?.notifications ?? 0;
}
