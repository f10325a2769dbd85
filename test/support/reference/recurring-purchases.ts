/** Purchases of a person as charges, and the recurring charges among them. */
import { type Charge, findStreams, type Stream } from '../../../src/insight/decide/recurring.ts';

export const today = '2026-11-10';

/** `on`: days, with an amount in minor units where it differs from the usual one. */
export type Purchases = {
  merchant?: string;
  amount?: number;
  on: (string | [string, number])[];
  id?: string;
};

export const chargesOf = ({ merchant = 'Shop', amount = 1000, on, id }: Purchases): Charge[] =>
  on.map((each) => {
    const [day, charged] = typeof each === 'string' ? [each, amount] : each;
    return {
      expenseId: `${merchant} ${day} ${charged}`,
      categoryId: 'home',
      merchant,
      merchantRef: id === undefined ? null : { source: 'bank', id },
      day,
      amountMinor: BigInt(charged),
      currency: 'USD',
    };
  });

export const find = (...purchases: Purchases[]): Stream[] => findStreams(purchases.flatMap(chargesOf), today);

/** `count` days that lie `gap` apart, the last on `last`. */
export const daysUntil = (last: string, count: number, gap: Temporal.DurationLike): string[] =>
  Array.from({ length: count }, (_, index) => {
    const { years, months, days } = Temporal.Duration.from(gap);
    const times = count - 1 - index;
    return Temporal.PlainDate.from(last)
      .subtract({ years: years * times, months: months * times, days: days * times })
      .toString();
  });
