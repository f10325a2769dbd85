/** Finds expenses without an exchange rate for which a rule has no decision `no_rate` yet. */
import { sql as statement } from 'kysely';
import type { Rule } from '../decide/rule.ts';
import type { Sql } from '../../runtime/database/database.ts';

export type UnratedExpense = { rule: Pick<Rule, 'tenantId' | 'id'>; expenseId: string };

/** The key needs no period: an expense falls into one period of a rule. */
export const unratedKey = (ruleId: string, expenseId: string): string => `${ruleId} ${expenseId}`;

/** Returns keys made by `unratedKey`. Rides on `alert_decisions_no_rate`. */
export async function findUnrecorded(sql: Sql, unrated: readonly UnratedExpense[]): Promise<Set<string>> {
  const keys = new Set(unrated.map(({ rule, expenseId }) => unratedKey(rule.id, expenseId)));
  const { rows } = await statement<{ rule_id: string; expense_id: string }>`
    select d.rule_id, d.expense_id
    from unnest(
      ${unrated.map(({ rule }) => rule.tenantId)}::uuid[],
      ${unrated.map(({ rule }) => rule.id)}::uuid[],
      ${unrated.map(({ expenseId }) => expenseId)}::text[]
    ) as asked (tenant_id, rule_id, expense_id)
    join alert_decisions d using (tenant_id, rule_id, expense_id)
    where d.outcome = 'no_rate'`.execute(sql);
  for (const row of rows) keys.delete(unratedKey(row.rule_id, row.expense_id));
  return keys;
}
