/** Finds the expenses without a rate that are not on record yet for a rule whose spending leaves them out. */
import { sql as statement } from 'kysely';
import type { Rule } from '../decide/rule.ts';
import type { Sql } from '../../runtime/database/database.ts';

export type UnratedExpense = { rule: Pick<Rule, 'tenantId' | 'id'>; expenseId: string };

/** An expense is left out of a rule in one of its periods. */
export const unratedKey = (ruleId: string, expenseId: string): string => `${ruleId} ${expenseId}`;

/** By `leftOutKey`. Asks nothing where nothing is left out. Rides on `alert_decisions_no_rate`. */
export async function findUnrecorded(sql: Sql, leftOut: readonly UnratedExpense[]): Promise<Set<string>> {
  const keys = new Set(leftOut.map(({ rule, expenseId }) => unratedKey(rule.id, expenseId)));
  const { rows } = await statement<{ rule_id: string; expense_id: string }>`
    select d.rule_id, d.expense_id
    from unnest(
      ${leftOut.map(({ rule }) => rule.tenantId)}::uuid[],
      ${leftOut.map(({ rule }) => rule.id)}::uuid[],
      ${leftOut.map(({ expenseId }) => expenseId)}::text[]
    ) as asked (tenant_id, rule_id, expense_id)
    join alert_decisions d using (tenant_id, rule_id, expense_id)
    where d.outcome = 'no_rate'`.execute(sql);
  for (const row of rows) keys.delete(unratedKey(row.rule_id, row.expense_id));
  return keys;
}
