/** Ends what waits of rules that are switched off. */
import { sql as statement } from 'kysely';
import type { Rule } from '../decide/rule.ts';
import type { Sql } from '../../runtime/database/database.ts';

type RuleRef = Pick<Rule, 'tenantId' | 'id'>;

/**
 * Cancels the rules' undecided, deferred and capped notifications and their waiting cooldowns. Deletes their sums, which
 * are not kept for an inactive rule, and their forecasts. Rides on `notification_history_rule` and the primary keys of
 * `rule_spend`, `alert_states`, `rule_forecasts` and `forecast_states`.
 */
export async function switchOff(sql: Sql, rules: readonly RuleRef[]): Promise<void> {
  if (rules.length === 0) return;
  await statement`
    with off as materialized (
      select tenant_id, id from ${given(rules)}
    ), spend as (
      delete from rule_spend s using off where s.tenant_id = off.tenant_id and s.rule_id = off.id
    ), cooldowns as (
      update alert_states a set renotify_at = null from off
      where a.tenant_id = off.tenant_id and a.rule_id = off.id and a.renotify_at is not null
    ), forecasts as (
      delete from rule_forecasts f using off where f.tenant_id = off.tenant_id and f.rule_id = off.id
    ), forecast_levels as (
      update forecast_states s set is_open = false from off
      where s.tenant_id = off.tenant_id and s.rule_id = off.id and s.is_open
    )
    update notification_history n
    set status = 'cancelled', reason = 'rule_disabled', until = null
    from off
    where n.tenant_id = off.tenant_id and n.rule_id = off.id
      and n.status in ('pending', 'deferred', 'capped')
      and (n.status <> 'pending' or not exists (
        select from notification_deliveries d
        where d.tenant_id = n.tenant_id and d.notification_id = n.id
      ))`.execute(sql);
}

/** Switches rules off whose only period has closed. Rides on the primary key of `smart_alert_rules`. */
export async function switchOffClosed(
  sql: Sql,
  rules: readonly RuleRef[],
  now: Temporal.Instant,
): Promise<void> {
  if (rules.length === 0) return;
  await statement`
    update smart_alert_rules r set is_active = false, updated_at = ${now.toString()}
    from ${given(rules)}
    where r.tenant_id = given.tenant_id and r.id = given.id`.execute(sql);
  await switchOff(sql, rules);
}

const given = (rules: readonly RuleRef[]) => statement`unnest(
    ${rules.map(({ tenantId }) => tenantId)}::uuid[],
    ${rules.map(({ id }) => id)}::uuid[]
  ) as given (tenant_id, id)`;
