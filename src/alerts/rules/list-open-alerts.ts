/** Lists the levels that rules have reached in their current periods. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';
import { periodsOf, type RuleProgress } from './read-progress.ts';

export type OpenAlert = { ruleId: string; level: number; since: Temporal.Instant };

type Row = { id: string; level: number; changed_at: string };

/** Keeps the order of the rules, with the highest level of each first. Rides on the primary key of `alert_states`. */
export async function listOpenAlerts(sql: Sql, progress: readonly RuleProgress[]): Promise<OpenAlert[]> {
  const active = progress.filter(({ rule }) => rule.isActive);
  if (active.length === 0) return [];
  const { rows } = await statement<Row>`
    select asked.id, a.level, a.changed_at
    from ${periodsOf(active)}
    join alert_states a on a.tenant_id = asked.tenant_id and a.rule_id = asked.id
      and a.period_start = asked.period_start and a.period_end = asked.period_end
    where a.is_open
    order by a.level desc`.execute(sql);
  const byRule = Map.groupBy(rows, ({ id }) => id);
  return active
    .flatMap(({ rule }) => byRule.get(rule.id) ?? [])
    .map(({ id, level, changed_at }) => ({
      ruleId: id,
      level,
      since: Temporal.Instant.from(changed_at),
    }));
}
