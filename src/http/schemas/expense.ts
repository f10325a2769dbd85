/** Expenses in the API's format, and the days that lists and sums of them are asked for. */
import { type Static, Type } from 'typebox';
import { expenseKinds, expenseStatuses } from '../../alerts/decide/apply-events.ts';
import type { ListedExpense } from '../../alerts/expenses/list-expenses.ts';
import type { Days } from '../../alerts/expenses/rule-scope.ts';
import { formatAmount } from '../../values/money.ts';
import { invalidField } from '../errors/problem.ts';
import { amount, day } from './rule.ts';
import { identifier, instant, nullable } from './text.ts';

/** The first day that an expense may have. */
const firstDay = '1900-01-01';

export const from = day(`the first day, in one’s own zone, from ${firstDay} on`);
export const to = day('the day after the last, as `periodEnd` is');

type GivenDays = { from?: string | undefined; to?: string | undefined };

/** Throws 400 if there is no day between them. */
export function readDays({ from: first, to: end }: GivenDays): Days {
  if (first !== undefined && first < firstDay)
    throw invalidField('/from', `must be a day from ${firstDay} on`);
  if (end !== undefined && end <= (first ?? firstDay))
    throw invalidField('/to', first === undefined ? `must be after ${firstDay}` : 'must be after from');
  return { from: first ?? null, to: end ?? null };
}

export const expenseSchema = Type.Object({
  expenseId: Type.String({
    description: 'of a webhook with its own ids: the webhook’s id, a colon and its id',
    examples: ['exp_9'],
  }),
  userId: Type.String({ description: 'the person who spent it' }),
  categoryId: identifier(),
  merchant: nullable(Type.String()),
  description: nullable(Type.String()),
  amount: amount('negative for a refund'),
  currency: Type.String({ description: 'of the expense', examples: ['USD'] }),
  spentAt: instant('when it was spent'),
  date: nullable(day('the local day that it counts in; null for a transfer')),
  kind: Type.Enum(expenseKinds, { description: 'a `transfer` counts nowhere' }),
  status: Type.Enum(expenseStatuses),
});

export const expenseView = (listed: ListedExpense): Static<typeof expenseSchema> => ({
  expenseId: listed.id,
  userId: listed.userId,
  categoryId: listed.categoryId,
  merchant: listed.merchant,
  description: listed.description,
  amount: formatAmount(listed.amountMinor, listed.currency),
  currency: listed.currency,
  spentAt: listed.spentAt.toString(),
  date: listed.day,
  kind: listed.kind,
  status: listed.status,
});
