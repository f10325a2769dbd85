/** Sums of a person's spending in the API's format. */
import { type Static, Type } from 'typebox';
import type { AskedSpending, SpendingParts } from '../../alerts/expenses/read-spending.ts';
import { formatAmount } from '../../values/money.ts';
import { amount, day } from './rule.ts';
import { identifier } from './text.ts';

const count = Type.Integer({ minimum: 0, description: 'number of expenses, including refunds' });

export const spendingSumsSchema = Type.Object({
  from: day('the first day'),
  to: day('the day after the last'),
  currency: Type.String({ description: 'the tenant’s', examples: ['USD'] }),
  total: amount('net of refunds'),
  transactionCount: count,
  unrated: Type.Object(
    { count: Type.Integer({ minimum: 0 }) },
    { description: 'expenses left out of these figures, because no exchange rate is known for them' },
  ),
  days: Type.Optional(
    Type.Array(Type.Object({ date: day('in one’s own zone'), total: amount('net of refunds'), count }), {
      description: '`by=day`: the days with expenses, the earliest first',
    }),
  ),
  categories: Type.Optional(
    Type.Array(Type.Object({ categoryId: identifier(), total: amount('net of refunds'), count }), {
      description: '`by=category`: most spent on first',
    }),
  ),
});

export function spendingView(
  { parts, unrated }: SpendingParts,
  { by, currency }: Pick<AskedSpending, 'by' | 'currency'>,
  days: { from: string; to: string },
): Static<typeof spendingSumsSchema> {
  const shown = (minor: bigint) => formatAmount(minor, currency);
  const sums = {
    ...days,
    currency,
    total: shown(parts.reduce((sum, { amountMinor }) => sum + amountMinor, 0n)),
    transactionCount: parts.reduce((sum, each) => sum + each.count, 0),
    unrated: { count: unrated },
  };
  if (by === 'day')
    return {
      ...sums,
      days: parts.map(({ key, amountMinor, count: own }) => ({
        date: key,
        total: shown(amountMinor),
        count: own,
      })),
    };
  const largestFirst = parts.toSorted((one, other) => Number(other.amountMinor - one.amountMinor));
  return {
    ...sums,
    categories: largestFirst.map(({ key, amountMinor, count: own }) => ({
      categoryId: key,
      total: shown(amountMinor),
      count: own,
    })),
  };
}
