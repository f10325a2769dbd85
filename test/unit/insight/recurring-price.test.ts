/** The price of a recurring charge and its changes. */
import { describe, expect, test } from 'vitest';
import { daysUntil, find, type Purchases } from '../../support/reference/recurring-purchases.ts';

describe('the price of a recurring charge', () => {
  const months = daysUntil('2026-11-03', 6, { months: 1 });
  const pricedAt = (...amounts: number[]): Purchases => ({
    on: months.slice(-amounts.length).map((day, index) => [day, amounts[index] ?? 0]),
  });
  const since = (charges: number) => months.at(-charges);

  test.each([
    {
      it: 'rose with the last charge',
      amounts: [999, 999, 999, 999, 999, 1199],
      is: { beforeMinor: 999n, charges: 1, since: since(1) },
      typical: 999n,
    },
    {
      it: 'rose two charges ago',
      amounts: [999, 999, 999, 999, 1199, 1199],
      is: { beforeMinor: 999n, charges: 2, since: since(2) },
      typical: 1199n,
    },
    {
      it: 'fell',
      amounts: [1299, 1299, 1299, 999, 999, 999],
      is: { beforeMinor: 1299n, charges: 3, since: since(3) },
      typical: 999n,
    },
    { it: 'never changed', amounts: [999, 999, 999, 999, 999, 999], is: null, typical: 999n },
    {
      it: 'moves a little with a rate of exchange',
      amounts: [1000, 1018, 995, 1009, 990, 1021],
      is: null,
      typical: 1009n,
    },
    { it: 'rose by less than half a unit', amounts: [300, 300, 300, 300, 330, 330], is: null, typical: 330n },
    { it: 'is unknown before the second charge', amounts: [599, 999, 999, 999], is: null, typical: 999n },
  ])('$it', ({ amounts, is, typical }) => {
    expect(find(pricedAt(...amounts))).toMatchObject([
      { priceChange: is, amountMinor: typical, isVariable: false },
    ]);
  });

  test('is none where amounts follow a meter', () => {
    expect(find(pricedAt(4000, 5600, 3100, 6900, 4800, 7700))).toMatchObject([
      { priceChange: null, isVariable: true },
    ]);
  });
});
