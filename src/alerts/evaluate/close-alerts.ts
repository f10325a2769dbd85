/** Closes the open levels of a rule whose category, currency or period has changed. */
import { sql as statement } from 'kysely';
import type { Rule } from '../decide/rule.ts';
import { budgetInPeriod } from '../spending/budget-in-period.ts';
import type { Sql } from '../../runtime/database/database.ts';

/**
 * Writes one decision `rule_changed` for each open level, and deletes the sums, levels and forecast of the old scope:
 * the rule is another budget now, of which nobody has heard. Returns the outcomes written. Rides on the primary keys of `alert_states`,
 * `forecast_states`, `rule_forecasts`, `rule_spend` and `smart_alert_rules`, whose row is still that of the rule before.
 */
export async function closeAlerts(sql: Sql, rule: Rule, now: Temporal.Instant): Promise<string[]> {
  const { rows } = await statement<{ outcome: string }>`
    with levels as (
      delete from alert_states where tenant_id = ${rule.tenantId} and rule_id = ${rule.id}
      returning period_start, period_end, level, is_open, null as basis
    ), forecast_levels as (
      delete from forecast_states where tenant_id = ${rule.tenantId} and rule_id = ${rule.id}
      returning period_start, period_end, level, is_open, 'forecast' as basis
    ), forecasts as (
      delete from rule_forecasts where tenant_id = ${rule.tenantId} and rule_id = ${rule.id}
    ), forgotten as (
      delete from rule_spend where tenant_id = ${rule.tenantId} and rule_id = ${rule.id}
      returning period_start, period_end, spent_minor, left_before
    )
    insert into alert_decisions (tenant_id, rule_id, at, level, basis, outcome, period_start,
      spent_minor, budget_minor, currency)
    select ${rule.tenantId}::uuid, ${rule.id}::uuid, ${now.toString()}::timestamptz, level, basis, 'rule_changed',
      levels.period_start, coalesce(spent_minor, 0), ${budgetInPeriod(statement.ref('r'), statement.ref('left_before'))},
      ${rule.currency}
    from (select * from levels union all select * from forecast_levels) levels
    left join forgotten on forgotten.period_start = levels.period_start and forgotten.period_end = levels.period_end
    join smart_alert_rules r on r.tenant_id = ${rule.tenantId} and r.id = ${rule.id}
    where is_open
    order by levels.period_start, level desc
    returning outcome`.execute(sql);
  return rows.map(({ outcome }) => outcome);
}
