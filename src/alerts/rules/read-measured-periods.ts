/** Reads the periods of rules for which a sum is kept. */
import { sql as statement } from 'kysely';
import type { Period } from '../../values/period.ts';
import type { Rule } from '../decide/rule.ts';
import type { Sql } from '../../runtime/database/database.ts';

/** Returns the periods by rule id. Rides on the primary key of `rule_spend`. */
export async function readMeasuredPeriods(sql: Sql, rules: readonly Rule[]): Promise<Map<string, Period[]>> {
  const { rows } = await statement<{ rule_id: string; period_start: string; period_end: string }>`
    select rule_id, period_start, period_end
    from unnest(
      ${rules.map(({ tenantId }) => tenantId)}::uuid[],
      ${rules.map(({ id }) => id)}::uuid[]
    ) as asked (tenant_id, rule_id)
    join rule_spend using (tenant_id, rule_id)`.execute(sql);
  const periods = new Map<string, Period[]>();
  for (const { rule_id, period_start: start, period_end: end } of rows)
    periods.set(rule_id, [...(periods.get(rule_id) ?? []), { start, end }]);
  return periods;
}
