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
    {
      it: 'rose by little more than it moves with each charge',
      amounts: [1000, 1025, 1000, 1020, 1095, 1090],
      is: null,
      typical: 1090n,
    },
  ])('$it', ({ amounts, is, typical }) => {
    expect(find(pricedAt(...amounts))).toMatchObject([
      { priceChange: is, amountMinor: typical, isVariable: false },
    ]);
  });

  test('of a year is compared with one charge, and of a week with three', () => {
    const yearly = find({
      on: [
        ['2024-11-01', 6000],
        ['2025-11-03', 6000],
        ['2026-11-02', 6600],
      ],
    });
    expect(yearly).toMatchObject([{ priceChange: { beforeMinor: 6000n, charges: 1, since: '2026-11-02' } }]);
    const weeks = daysUntil('2026-11-09', 5, { days: 7 });
    const weekly = (...amounts: number[]) =>
      find({ on: weeks.slice(-amounts.length).map((day, index) => [day, amounts[index] ?? 0]) });
    expect(weekly(1000, 1000, 1300, 1300)).toMatchObject([{ priceChange: null }]);
    expect(weekly(1000, 1000, 1000, 1300, 1300)).toMatchObject([{ priceChange: { charges: 2 } }]);
  });

  test('is none where amounts follow a meter', () => {
    expect(find(pricedAt(4000, 5600, 3100, 6900, 4800, 7700))).toMatchObject([
      { priceChange: null, isVariable: true },
    ]);
  });
});
