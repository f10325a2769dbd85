import { describe, expect, test } from 'vitest';
import {
  decimalOf,
  over,
  parseFraction,
  percentageOf,
  rounded,
} from '../../../src/insight/decide/fraction.ts';
import {
  completeMonthsOf,
  type DaySpending,
  firstDayLookedAt,
  firstDayProfiled,
  type Month,
  totalsOf,
} from '../../../src/insight/decide/months.ts';
import { trendOf } from '../../../src/insight/decide/trend.ts';
import { coefficientOf, volatilityOf } from '../../../src/insight/decide/volatility.ts';

describe('a fraction', () => {
  test.each([
    [1n, 2n, 1n],
    [-1n, 2n, -1n],
    [49n, 100n, 0n],
    [-149n, 100n, -1n],
    [3n, 2n, 2n],
    [0n, 7n, 0n],
    [10n ** 30n + 1n, 2n, 5n * 10n ** 29n + 1n],
  ])('%s/%s is %s when rounded', (numerator, denominator, whole) => {
    expect(rounded({ numerator, denominator })).toBe(whole);
  });

  test.each([
    [2n, 3, 2, '0.67'],
    [-2n, 3, 2, '-0.67'],
    [1n, 200, 2, '0.01'],
    [-1n, 1000, 2, '0.00'],
    [5n, 1, 0, '5'],
    [12_345n, 100, 6, '123.450000'],
  ])('%s/%s with %s decimals is %s', (numerator, denominator, decimals, text) => {
    expect(decimalOf(over(numerator, denominator), decimals)).toBe(text);
  });

  test('is read back as it was written', () => {
    for (const text of ['0.666667', '-0.500000', '123', '-4.5'])
      expect(decimalOf(parseFraction(text), text.split('.')[1]?.length ?? 0)).toBe(text);
  });

  test.each([
    [over(1n, 3), over(2n, 1), 16.7],
    [over(-1n, 2), over(1n, 1), -50],
    [over(1n, 1), over(0n, 1), 0],
  ])('%o is a percentage of %o: %s', (part, whole, percentage) => {
    expect(percentageOf(part, whole)).toBe(percentage);
  });
});

describe('the complete months', () => {
  test.each([
    [
      'of somebody who began on the first of a month include it',
      '2026-08-01',
      '2026-11-10',
      ['2026-08', '2026-09', '2026-10'],
    ],
    [
      'of somebody who began on the second of a month leave it out',
      '2026-08-02',
      '2026-11-10',
      ['2026-09', '2026-10'],
    ],
    [
      'of somebody who began on the last day of a month leave it out',
      '2026-08-31',
      '2026-11-10',
      ['2026-09', '2026-10'],
    ],
    ['on the last day of a month leave that month out', '2026-09-01', '2026-11-30', ['2026-09', '2026-10']],
    [
      'on the first day of the next month include the month before',
      '2026-09-01',
      '2026-12-01',
      ['2026-09', '2026-10', '2026-11'],
    ],
    ['of somebody who began this month are none', '2026-11-01', '2026-11-30', []],
    [
      'of somebody who began on the first of last month are that month',
      '2026-10-01',
      '2026-11-01',
      ['2026-10'],
    ],
    ['of somebody who began on the second of last month are none', '2026-10-02', '2026-11-30', []],
    ['of somebody whose first expense lies ahead are none', '2027-02-01', '2026-11-30', []],
    ['continue across the end of a year', '2025-12-01', '2026-02-14', ['2025-12', '2026-01']],
  ])('%s', (_, firstDay, today, months) => {
    expect(completeMonthsOf(firstDay, today)).toEqual(months);
  });

  test('are at most the last six', () => {
    const all = completeMonthsOf('2020-01-01', '2026-03-15');
    expect(all).toEqual(['2025-09', '2025-10', '2025-11', '2025-12', '2026-01', '2026-02']);
    expect(completeMonthsOf('2020-01-01', '2026-03-15', 2)).toEqual(['2026-01', '2026-02']);
    expect(firstDayProfiled('2026-03-15')).toBe('2025-09-01');
    expect(firstDayLookedAt('2026-03-15')).toBe('2024-02-01');
  });

  test('without spending count as 0 and are net of refunds', () => {
    const on = (day: string, amountMinor: bigint): DaySpending => ({
      categoryId: 'food',
      merchant: null,
      merchantRef: null,
      day,
      amountMinor,
      purchases: amountMinor > 0n ? 1 : 0,
      boughtMinor: amountMinor > 0n ? amountMinor : 0n,
      largestMinor: amountMinor > 0n ? amountMinor : 0n,
      squares: 0,
      isRecurring: false,
    });
    const spending = [
      on('2026-07-31', 1n),
      on('2026-08-01', 100n),
      on('2026-08-31', 50n),
      on('2026-08-15', -30n),
      on('2026-10-01', -5n),
      on('2026-11-01', 1n),
    ];
    expect(totalsOf(spending, ['2026-08', '2026-09', '2026-10'])).toEqual([
      { month: '2026-08', totalMinor: 120n, purchases: 2 },
      { month: '2026-09', totalMinor: 0n, purchases: 0 },
      { month: '2026-10', totalMinor: -5n, purchases: 0 },
    ]);
  });
});

/** Months with these amounts, oldest first. */
const monthsOf = (...amounts: number[]): Month[] =>
  amounts.map((amount, index) => ({
    month: `2026-0${index + 1}`,
    totalMinor: BigInt(amount),
    purchases: 1,
  }));

describe('a trend', () => {
  test.each([
    ['compares the last three months with the three before', [100, 100, 100, 150, 150, 150], 0.5],
    ['may compare with only two months before', [100, 100, 150, 150, 150], 0.5],
    ['is null with only one month before', [100, 150, 150, 150], null],
    ['is null with fewer than three recent months', [100, 100], null],
    ['is null without months', [], null],
    ['is null if nothing was spent before', [0, 0, 0, 150, 150, 150], null],
    ['is null if refunds exceeded the purchases before', [100, -150, 0, 150, 150, 150], null],
    ['is negative if spending fell', [200, 200, 200, 100, 100, 100], -0.5],
    ['is −1 if spending fell to nothing', [200, 200, 200, 0, 0, 0], -1],
    ['counts months without spending', [300, 0, 0, 0, 0, 600], 1],
  ])('%s', (_, amounts, increase) => {
    const trend = trendOf(monthsOf(...amounts));
    expect(trend && Number(decimalOf(trend.increase, 6))).toBe(increase);
  });
});

describe('volatility', () => {
  test.each([
    // Mean 250, deviations ±150 and ±50: √(50000/3) / 250.
    ['is the coefficient of variation, n − 1', [100, 200, 300, 400], 0.5164],
    ['is 0 for even months', [100, 100, 100, 100], 0],
    ['is null for three months', [100, 200, 300], null],
    ['is null without spending', [0, 0, 0, 0], null],
    ['is null if refunds exceed the purchases', [100, -200, 0, 0], null],
    // Mean 100, five deviations of −100 and one of 500: √(300000/5) / 100.
    ['counts months without spending', [0, 0, 600, 0, 0, 0], 2.4495],
  ])('%s', (_, amounts, coefficient) => {
    const volatility = volatilityOf(monthsOf(...amounts));
    expect(volatility && coefficientOf(volatility)).toBe(coefficient);
  });
});
