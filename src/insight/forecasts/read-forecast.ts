/** Makes the forecast of one rule for its person, from what is stored at this moment. */
import { sql as statement } from 'kysely';
import { readTimezone } from '../../accounts/people.ts';
import { ruleFields, type RuleRow, toRule } from '../../alerts/rules/read-active-rules.ts';
import { inPeriod } from '../../alerts/decide/rollover.ts';
import type { Sql } from '../../runtime/database/database.ts';
import type { PersonRef } from '../../values/refs.ts';
import { findRecurring } from '../recurring/rebuild-recurring.ts';
import { makeForecasts, type RuleForecast } from './make-forecasts.ts';

/** `budgetMinor`: of the period, with what it carries over. */
export type ReadForecast = RuleForecast & { budgetMinor: bigint };

/** Undefined if the person has no such rule. Rides on the primary keys and those of what the forecast reads. */
export async function readForecast(
  sql: Sql,
  person: PersonRef,
  ruleId: string,
  now: Temporal.Instant,
): Promise<ReadForecast | undefined> {
  const { tenantId, userId } = person;
  const { rows } = await statement<RuleRow>`
    select ${ruleFields} from smart_alert_rules r
    where r.tenant_id = ${tenantId} and r.id = ${ruleId} and r.user_id = ${userId}`.execute(sql);
  if (!rows[0]) return undefined;
  const rule = toRule(rows[0]);
  const timeZone = await readTimezone(sql, person);
  const recurring = await findRecurring(sql, tenantId, [{ userId, timeZone }], now);
  const [forecast] = await makeForecasts(sql, tenantId, [{ rule, person: { timeZone } }], recurring, now);
  if (!forecast) return undefined;
  return { ...forecast, budgetMinor: await readBudget(sql, forecast) };
}

/** Rides on the primary key of `rule_spend`. */
async function readBudget(sql: Sql, { rule, period }: RuleForecast): Promise<bigint> {
  const { rows } = await statement<{ left_before: string | null }>`
    select left_before from rule_spend
    where tenant_id = ${rule.tenantId} and rule_id = ${rule.id} and period_start = ${period.start}
      and period_end = ${period.end}`.execute(sql);
  const left = rows[0]?.left_before ?? null;
  return inPeriod(rule, left === null ? null : BigInt(left)).budgetMinor;
}
