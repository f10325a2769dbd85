/** Lists a page of a rule's decisions, newest first. They say why its person was notified or not. */
import { sql as statement } from 'kysely';
import type { DecisionOutcome } from '../decide/evaluation.ts';
import type { Sql } from '../../runtime/database/database.ts';
import type { Basis } from '../../values/severity.ts';
import type { PersonRef } from '../../values/refs.ts';

export type RecordedDecision = {
  /** Rises in the order of a rule's decisions. */
  number: string;
  at: Temporal.Instant;
  level: number | null;
  basis: Basis;
  outcome: DecisionOutcome;
  periodStart: string;
  spentMinor: bigint;
  budgetMinor: bigint;
  currency: string;
  expenseId: string | null;
  notificationId: string | null;
  until: Temporal.Instant | null;
};

type Row = {
  number: string | null;
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
};

/**
 * Returns null if the person has no such rule. `before` is the cursor: the number of the last decision on the previous
 * page. Rides on the primary key of `alert_decisions`, read backwards.
 */
export async function listDecisions(
  sql: Sql,
  person: PersonRef,
  ruleId: string,
  page: { limit: number; before: string | null },
): Promise<RecordedDecision[] | null> {
  const { rows } = await statement<Row>`
    select d.number, d.at, d.level, d.basis, d.outcome, d.period_start, d.spent_minor, d.budget_minor, d.currency,
      d.expense_id, d.notification_id, d.until
    from smart_alert_rules r
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
  return rows.length === 0 ? null : rows.flatMap(toDecision);
}

/** A rule without decisions comes as one row of nulls. */
function toDecision(row: Row): RecordedDecision[] {
  if (row.number === null) return [];
  return [
    {
      number: row.number,
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
    },
  ];
}
