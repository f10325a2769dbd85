/** Finds the expense that reached the level of a new alert, for its message. It stays out of logs and jobs. */
import { findCategoryNames } from '../../accounts/categories.ts';
import type { Sql } from '../../runtime/database/database.ts';
import type { TippingExpense } from '../decide/alert-facts.ts';
import { type Expense, expenseKey } from '../decide/apply-events.ts';
import type { Evaluation } from '../decide/evaluation.ts';
import type { Rule } from '../decide/rule.ts';

/** The expenses that an evaluation changes, by `expenseKey`, as they are after it. They are not written yet. */
export type ChangedExpenses = ReadonlyMap<string, Expense>;

export type Tipped = {
  rule: Pick<Rule, 'tenantId' | 'categoryId'>;
  evaluation: Evaluation;
  expenses?: ChangedExpenses;
};

/** The expense with its category's id in the place of the name. Null if none reached the level, or if it is gone. */
export function findTippingExpense({ rule, evaluation, expenses }: Tipped): TippingExpense | null {
  const expenseId = evaluation.decisions.find(({ notifies }) => notifies === 'alert')?.expenseId;
  const facts = expenseId && expenses?.get(expenseKey(rule.tenantId, expenseId))?.facts;
  if (!facts || facts.amountMinor <= 0n) return null;
  const { merchant, amountMinor, currency } = facts;
  const category = rule.categoryId === null ? facts.categoryId : null;
  return { merchant, category, amountMinor: amountMinor.toString(), currency };
}

type Named = { rule: { tenantId: string }; tippedBy: TippingExpense | null };

/** Puts the names of categories in the place of their ids, where a message needs them. */
export async function nameCategories<Alert extends Named>(
  sql: Sql,
  alerts: readonly Alert[],
): Promise<Alert[]> {
  const unnamed = alerts.flatMap(({ rule, tippedBy }) =>
    tippedBy?.merchant === null && tippedBy.category !== null
      ? [{ tenantId: rule.tenantId, id: tippedBy.category }]
      : [],
  );
  if (unnamed.length === 0) return [...alerts];
  const names = await findCategoryNames(sql, unnamed);
  return alerts.map((alert) => {
    const { rule, tippedBy } = alert;
    const name = tippedBy?.category && names(rule.tenantId).get(tippedBy.category);
    return name ? { ...alert, tippedBy: { ...tippedBy, category: name } } : alert;
  });
}
