/** Examples of the calls about a person's expenses, their sums and their categories. */
import { type Examples, ids } from './example.ts';

const november = { from: '2026-11-01', to: '2026-12-01' };

const expense = {
  expenseId: 'exp_9',
  userId: 'u1',
  categoryId: 'groceries',
  merchant: 'WHOLEFDS #1023',
  description: null,
  amount: '42.10',
  currency: 'USD',
  spentAt: '2026-11-10T11:58:12Z',
  date: '2026-11-10',
  kind: 'purchase',
  status: 'posted',
};

export const spendingExamples = {
  listExpenses: {
    parameters: { ruleId: ids.rule, ...november },
    answers: { 200: { data: [expense] } },
  },
  getSpending: {
    parameters: { ...november, by: 'category' },
    answers: {
      200: {
        data: {
          ...november,
          currency: 'USD',
          total: '540.30',
          transactionCount: 4,
          unrated: { count: 0 },
          categories: [
            { categoryId: 'groceries', total: '412.30', count: 2 },
            { categoryId: 'car', total: '128.00', count: 2 },
          ],
        },
      },
    },
  },
  listCategories: {
    answers: {
      200: {
        data: [
          { id: 'car', name: null },
          { id: 'groceries', name: 'Groceries' },
        ],
      },
    },
  },
} satisfies Examples;
