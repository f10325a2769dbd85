/** Lists the levels that rules have reached in their current periods. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';
import type { Basis } from '../../values/severity.ts';
import { periodsOf, type RuleProgress } from './read-progress.ts';

export type OpenAlert = { ruleId: string; level: number; basis: Basis; since: Temporal.Instant };

type Row = { id: string; level: number; basis: Basis; changed_at: string };

/**
 * Keeps the order of the rules. Of each the levels that spending has reached come first, then those of its forecast, the
 * highest first. Rides on the primary keys of `alert_states` and `forecast_states`.
 */
export async function listOpenAlerts(sql: Sql, progress: readonly RuleProgress[]): Promise<OpenAlert[]> {
  const active = progress.filter(({ rule }) => rule.isActive);
  if (active.length === 0) return [];
  const { rows } = await statement<Row>`
    select asked.id, a.level, a.basis, a.changed_at
    from ${periodsOf(active)}
    cross join lateral (
      select level, 'actual' as basis, changed_at
      from alert_states s
      where s.tenant_id = asked.tenant_id and s.rule_id = asked.id and s.period_start = asked.period_start
        and s.period_end = asked.period_end and s.is_open
      union all
      select level, 'forecast', changed_at
      from forecast_states s
      where s.tenant_id = asked.tenant_id and s.rule_id = asked.id and s.period_start = asked.period_start
        and s.period_end = asked.period_end and s.is_open
    ) a
    order by a.basis, a.level desc`.execute(sql);
  const byRule = Map.groupBy(rows, ({ id }) => id);
  return active
    .flatMap(({ rule }) => byRule.get(rule.id) ?? [])
    .map(({ id, level, basis, changed_at }) => ({
      ruleId: id,
      level,
      basis,
      since: Temporal.Instant.from(changed_at),
    }));
}
