/** Examples of the calls about a person's expenses, their sums and their categories. */
import { type Examples, ids } from './example.ts';

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
    parameters: { ruleId: ids.rule, from: '2026-11-01', to: '2026-12-01' },
    answers: { 200: { data: [expense] } },
  },
} satisfies Examples;
