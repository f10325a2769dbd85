/** Lists a page of a rule's decisions, newest first. They say why its person was notified or not. */
import { sql as statement } from 'kysely';
import type { DecisionOutcome } from '../decide/evaluation.ts';
import type { RecordedDecision } from '../decide/recorded-decision.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { personTimeZone } from '../../accounts/people.ts';
import { defaultLocale } from '../../values/locale.ts';
import type { PersonRef } from '../../values/refs.ts';

export type DecisionRow = {
  number: string;
  rule_name: string;
  at: string;
  level: number | null;
  basis: 'forecast' | null;
  outcome: DecisionOutcome;
  period_start: string;
  spent_minor: string;
  budget_minor: string;
  currency: string;
  expense_id: string | null;
  notification_id: string | null;
  until: string | null;
  locale: string | null;
  time_zone: string;
};

/** A rule without decisions comes as one row of nulls. */
type NoDecision = { number: null };

/** Of decisions `d` of rules `r`, with `personOfRule`. */
export const decisionColumns = statement`d.number, d.at, d.level, d.basis, d.outcome, d.period_start, d.spent_minor,
  d.budget_minor, d.currency, d.expense_id, d.notification_id, d.until, r.name as rule_name, u.locale,
  ${personTimeZone} as time_zone`;

export const personOfRule = statement`join users u on u.tenant_id = r.tenant_id and u.id = r.user_id
  join tenants t on t.id = r.tenant_id`;

/**
 * Returns null if the person has no such rule. `before` is the cursor: the number of the last decision on the previous
 * page. Rides on primary keys, that of `alert_decisions` read
 * backwards.
 */
export async function listDecisions(
  sql: Sql,
  person: PersonRef,
  ruleId: string,
  page: { limit: number; before: string | null },
): Promise<RecordedDecision[] | null> {
  const { rows } = await statement<DecisionRow | NoDecision>`
    select ${decisionColumns}
    from smart_alert_rules r
    ${personOfRule}
    left join lateral (
      select *
      from alert_decisions
      where tenant_id = r.tenant_id and rule_id = r.id
        and (${page.before}::bigint is null or number < ${page.before}::bigint)
      order by number desc
      limit ${page.limit}
    ) d on true
    where r.tenant_id = ${person.tenantId} and r.id = ${ruleId} and r.user_id = ${person.userId}
    order by d.number desc`.execute(sql);
  return rows.length === 0 ? null : rows.flatMap((row) => (row.number === null ? [] : [toDecision(row)]));
}

export const toDecision = (row: DecisionRow): RecordedDecision => ({
  number: row.number,
  ruleName: row.rule_name,
  at: Temporal.Instant.from(row.at),
  level: row.level,
  basis: row.basis ?? 'actual',
  outcome: row.outcome,
  periodStart: row.period_start,
  spentMinor: BigInt(row.spent_minor),
  budgetMinor: BigInt(row.budget_minor),
  currency: row.currency,
  expenseId: row.expense_id,
  notificationId: row.notification_id,
  until: row.until === null ? null : Temporal.Instant.from(row.until),
  locale: row.locale ?? defaultLocale,
  timeZone: row.time_zone,
});
