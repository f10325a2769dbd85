/**
 * Compares the sums kept by increments with the expenses they are sums of. Each comparison is a single
 * statement and so sees one snapshot: an evaluation writes expenses and sums in one transaction, and
 * whether it is under way or not, both sides have it or neither. A difference found is therefore real, and
 * nothing needs to be locked.
 */
import { sql as statement } from 'kysely';
import type { Sql } from '../database.ts';

/** Sums are of minor units; `expected` follows from the expenses, null stands for no row. */
type SpendingDifference = { userId: string; kept: string | null; expected: string | null } & (
  | {
      kind: 'daily_spend';
      day: string;
      categoryId: string;
      currency: string;
      keptCount: number;
      expectedCount: number;
    }
  | { kind: 'rule_spend'; ruleId: string; periodStart: string; periodEnd: string }
);

/** The most differences of either kind answered at a time; the next run finds the rest. */
const differenceLimit = 1000;

/** Where the sums of a tenant's people differ from their expenses. Changes nothing. */
export async function compareSpending(sql: Sql, tenantId: string): Promise<SpendingDifference[]> {
  return [...(await compareDays(sql, tenantId)), ...(await compareRules(sql, tenantId))];
}

type DayRow = {
  user_id: string;
  day: string;
  category_id: string;
  currency: string;
  kept: string | null;
  expected: string | null;
  kept_count: number;
  expected_count: number;
};

/** Rides on `expenses_user_day` and the primary key of `daily_spend`. A row of nothing is as good as none. */
async function compareDays(sql: Sql, tenantId: string): Promise<SpendingDifference[]> {
  const { rows } = await statement<DayRow>`
    with expected as (
      select user_id, day, category_id, currency, sum(amount_minor) as amount_minor, count(*)::int as count
      from expenses
      where tenant_id = ${tenantId} and user_id is not null
      group by user_id, day, category_id, currency
    ), kept as (
      select user_id, day, category_id, currency, amount_minor, expense_count as count
      from daily_spend
      where tenant_id = ${tenantId} and (amount_minor <> 0 or expense_count <> 0)
    )
    select user_id, day, category_id, currency, kept.amount_minor as kept, expected.amount_minor as expected,
      coalesce(kept.count, 0) as kept_count, coalesce(expected.count, 0) as expected_count
    from expected full join kept using (user_id, day, category_id, currency)
    where expected.amount_minor is distinct from kept.amount_minor
      or expected.count is distinct from kept.count
    order by user_id, day, category_id, currency
    limit ${differenceLimit}`.execute(sql);
  return rows.map((row) => ({
    kind: 'daily_spend',
    userId: row.user_id,
    day: row.day,
    categoryId: row.category_id,
    currency: row.currency,
    kept: row.kept,
    expected: row.expected,
    keptCount: row.kept_count,
    expectedCount: row.expected_count,
  }));
}

type RuleRow = {
  user_id: string;
  rule_id: string;
  period_start: string;
  period_end: string;
  kept: string;
  expected: string;
};

/**
 * The periods that were measured: one without a row is measured when it is first looked at, and a disabled
 * rule keeps none. Rides on the primary key of `rule_spend` and on `expenses_user_day`.
 */
async function compareRules(sql: Sql, tenantId: string): Promise<SpendingDifference[]> {
  const { rows } = await statement<RuleRow>`
    select rule.user_id, kept.rule_id, kept.period_start, kept.period_end,
      kept.spent_minor as kept, expected.amount_minor as expected
    from rule_spend kept
    join smart_alert_rules rule on rule.tenant_id = kept.tenant_id and rule.id = kept.rule_id
    cross join lateral (
      select coalesce(sum(expense.amount_minor), 0) as amount_minor
      from expenses expense
      where expense.tenant_id = rule.tenant_id and expense.user_id = rule.user_id
        and expense.day >= kept.period_start and expense.day < kept.period_end
        and expense.currency = rule.currency
        and (rule.category_id is null or expense.category_id = rule.category_id)
    ) as expected
    where kept.tenant_id = ${tenantId} and rule.is_active
      and kept.spent_minor <> expected.amount_minor
    order by rule.user_id, kept.rule_id, kept.period_start
    limit ${differenceLimit}`.execute(sql);
  return rows.map((row) => ({
    kind: 'rule_spend',
    userId: row.user_id,
    ruleId: row.rule_id,
    periodStart: row.period_start,
    periodEnd: row.period_end,
    kept: row.kept,
    expected: row.expected,
  }));
}
