/** Reads the decisions about all rules of a person in a time, with the expenses that caused them. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';
import type { PersonRef } from '../../values/refs.ts';
import type { DecisionOutcome } from '../decide/evaluation.ts';
import type { DayDecision, DecidedExpense } from '../decide/recorded-decision.ts';
import type { TimeSpan } from '../../values/period.ts';
import { type DecisionRow, decisionColumns, personOfRule, toDecision } from './list-decisions.ts';

type Row = DecisionRow & { rule_id: string; before: DecisionOutcome | null; spent_at: string | null } & {
  merchant: string | null;
  category: string;
  amount_minor: string;
  expense_currency: string;
};

/**
 * In the order of their times, `limit` at most. Rides on `smart_alert_rules_user`, `alert_decisions_time` and primary keys,
 * that of `alert_decisions` read backwards from each decision.
 */
export async function readDayDecisions(
  sql: Sql,
  person: PersonRef,
  { since, until }: TimeSpan,
  limit: number,
): Promise<DayDecision[]> {
  const { rows } = await statement<Row>`
    select ${decisionColumns}, r.id as rule_id, before.outcome as before, e.merchant, e.amount_minor, e.spent_at,
      e.currency as expense_currency, coalesce(c.name, e.category_id) as category
    from smart_alert_rules r
    ${personOfRule}
    join alert_decisions d on d.tenant_id = r.tenant_id and d.rule_id = r.id
      and d.at >= ${since.toString()} and d.at < ${until.toString()}
    left join lateral (
      select b.outcome
      from alert_decisions b
      where b.tenant_id = d.tenant_id and b.rule_id = d.rule_id and b.number < d.number
        and b.period_start = d.period_start and b.level = d.level and b.basis is not distinct from d.basis
      order by b.number desc
      limit 1
    ) before on true
    left join expenses e on e.tenant_id = d.tenant_id and e.id = d.expense_id and e.user_id = r.user_id
    left join categories c on c.tenant_id = e.tenant_id and c.id = e.category_id
    where r.tenant_id = ${person.tenantId} and r.user_id = ${person.userId}
    order by d.at, d.number
    limit ${limit}`.execute(sql);
  return rows.map((row) => ({
    ...toDecision(row),
    ruleId: row.rule_id,
    before: row.before,
    expense: row.spent_at === null ? null : toExpense(row, row.spent_at),
  }));
}

const toExpense = (row: Row, spentAt: string): DecidedExpense => ({
  merchant: row.merchant,
  category: row.category,
  amountMinor: BigInt(row.amount_minor),
  currency: row.expense_currency,
  spentAt: Temporal.Instant.from(spentAt),
});
