/** The summary of a person's day in the API's format. */
import { type Static, Type } from 'typebox';
import { formatAmount } from '../../values/money.ts';
import type { SummaryFigures } from '../../insight/decide/summary.ts';
import { amount, day, unratedSchema } from './rule.ts';
import { identifier, nullable } from './text.ts';

/** The first day that an expense may have. */
const firstDay = '1900-01-01';

export const summaryQuery = Type.Object({
  date: Type.Optional(day(`a day from ${firstDay} on, in one’s own zone; today where left out`)),
});

export const isTooEarly = (date: string | undefined): boolean => date !== undefined && date < firstDay;

const percent = (description: string) =>
  nullable(
    Type.Number({
      description: `${description}, in percent, to one decimal; null if that was not above zero`,
      examples: [-12.5],
    }),
  );

const count = (description: string) => Type.Integer({ minimum: 0, description });

const category = Type.Object({
  categoryId: identifier(),
  total: amount('net of refunds'),
  count: count('number of expenses'),
});

const transaction = Type.Object({
  expenseId: Type.String({
    description: 'of a webhook with its own ids: the webhook’s id, a colon and its id',
  }),
  merchant: nullable(Type.String()),
  categoryId: identifier(),
  amount: amount('in the summary’s currency'),
});

const budget = Type.Object({
  ruleId: Type.String({ format: 'uuid' }),
  name: Type.String({ examples: ['Groceries'] }),
  spent: amount('in the period that contains the day, up to the day’s end'),
  unrated: unratedSchema,
  budget: amount('of the period'),
  currency: Type.String({ description: 'the rule’s', examples: ['USD'] }),
  pct: nullable(
    Type.Integer({ description: 'rounded down; null if nothing was left of the budget to begin with' }),
  ),
});

export const summarySchema = Type.Object({
  date: day('in the person’s zone'),
  currency: Type.String({ description: 'the tenant’s', examples: ['USD'] }),
  total: amount('net of refunds'),
  transactionCount: count('expenses, including refunds'),
  unrated: Type.Object(
    { count: Type.Integer({ minimum: 0 }) },
    { description: 'expenses left out of these figures, because no exchange rate is known for them' },
  ),
  categories: Type.Array(category, { description: 'most spent on first' }),
  topTransactions: Type.Array(transaction, { description: 'the three largest, without refunds' }),
  alertsTriggered: count('levels that opened that day and were notified'),
  budgets: Type.Array(budget, { description: 'of the active rules, the highest percentage first' }),
  late: Type.Optional(
    Type.Object(
      { count: count('number of expenses'), total: amount('net of refunds') },
      { description: 'expenses of earlier days that were posted on this day; left out if there are none' },
    ),
  ),
  vsYesterdayPct: percent('compared with the day before'),
  vsWeeklyAveragePct: percent('compared with the mean of the 7 days before'),
  vsMonthlyAveragePct: percent('compared with the mean of the 30 days before'),
});

export function summaryView(date: string, figures: SummaryFigures): Static<typeof summarySchema> {
  const shown = (minor: string, currency = figures.currency) => formatAmount(BigInt(minor), currency);
  return {
    date,
    currency: figures.currency,
    total: shown(figures.totalMinor),
    transactionCount: figures.transactionCount,
    unrated: { count: figures.unrated ?? 0 },
    categories: figures.categories.map(({ categoryId, totalMinor, count: own }) => ({
      categoryId,
      total: shown(totalMinor),
      count: own,
    })),
    topTransactions: figures.topTransactions.map(({ amountMinor, ...transaction }) => ({
      ...transaction,
      amount: shown(amountMinor),
    })),
    alertsTriggered: figures.alertsTriggered,
    budgets: figures.budgets.map(({ spentMinor, budgetMinor, unrated, ...budget }) => ({
      ...budget,
      unrated: { count: unrated ?? 0 },
      spent: shown(spentMinor, budget.currency),
      budget: shown(budgetMinor, budget.currency),
    })),
    ...(figures.late ? { late: { count: figures.late.count, total: shown(figures.late.totalMinor) } } : {}),
    vsYesterdayPct: figures.previousPct,
    vsWeeklyAveragePct: figures.weeklyAveragePct,
    vsMonthlyAveragePct: figures.monthlyAveragePct,
  };
}
