import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  comparedFrom,
  lastDayOf,
  type Part,
  spanBefore,
  spanFrom,
  type Spent,
  summarize,
} from '../../../src/insight/decide/summary.ts';
import { percentMore } from '../../../src/values/figures.ts';

const friday = '2026-11-20';
const none = { alertsTriggered: 0, budgets: [] };
const part = (day: string, amountMinor: bigint, categoryId = 'food', count = 1): Part => ({
  day,
  categoryId,
  amountMinor,
  count,
});
const payment = (expenseId: string, amountMinor: bigint) => ({
  expenseId,
  merchant: null,
  categoryId: 'food',
  amountMinor,
});
const spent = (change: Partial<Spent> = {}): Spent => ({
  currency: 'USD',
  parts: [],
  largest: [],
  bills: [],
  unrated: 0,
  firstDay: '2020-01-01',
  names: new Map(),
  ...change,
});
const ofDay = (change: Partial<Spent>) => summarize(spanFrom('day', friday), spent(change), none);
const ofWeek = (change: Partial<Spent>) => summarize(spanFrom('week', '2026-11-09'), spent(change), none);

describe('the span of a digest', () => {
  test.each([
    ['daily_summary', '2026-11-20', { kind: 'day', start: '2026-11-19', end: '2026-11-20' }],
    ['daily_summary', '2028-03-01', { kind: 'day', start: '2028-02-29', end: '2028-03-01' }],
    ['daily_summary', '2027-01-01', { kind: 'day', start: '2026-12-31', end: '2027-01-01' }],
    ['weekly_summary', '2026-11-16', { kind: 'week', start: '2026-11-09', end: '2026-11-16' }],
    ['weekly_summary', '2027-01-04', { kind: 'week', start: '2026-12-28', end: '2027-01-04' }],
  ] as const)('for a %s on %s is the span before it', (type, day, span) => {
    expect(spanBefore(type, day)).toEqual(span);
  });

  test('is compared with the 60 days before a day, or the week before a week', () => {
    expect(comparedFrom(spanFrom('day', '2026-03-02'))).toBe('2026-01-01');
    expect(comparedFrom(spanFrom('week', '2026-03-02'))).toBe('2026-02-23');
    expect(lastDayOf(spanFrom('week', '2026-03-02'))).toBe('2026-03-08');
  });
});

describe('the total', () => {
  test('covers only the days of the span, net of refunds', () => {
    const parts = [
      part('2026-11-19', 1n),
      part(friday, 1000n, 'food', 2),
      part(friday, -300n, 'books'),
      part('2026-11-21', 5n),
    ];
    expect(ofDay({ parts })).toMatchObject({ totalMinor: '700', transactionCount: 3, currency: 'USD' });
  });

  test('of a week covers its seven days', () => {
    const days = ['2026-11-08', '2026-11-09', '2026-11-12', '2026-11-15', '2026-11-16'];
    const parts = days.map((day, index) => part(day, 10n ** BigInt(index)));
    expect(ofWeek({ parts })).toMatchObject({ totalMinor: '1110', transactionCount: 3 });
  });

  test('is exact beyond the safe integers', () => {
    const parts = [part(friday, 9_007_199_254_740_993n), part(friday, 9_007_199_254_740_993n, 'books')];
    expect(ofDay({ parts }).totalMinor).toBe('18014398509481986');
  });
});

describe('the categories of a summary', () => {
  test('are sorted by spending and have their names', () => {
    const parts = [
      part(friday, 100n, 'a'),
      part(friday, 300n, 'b'),
      part(friday, 250n, 'a', 2),
      part(friday, 300n, 'c'),
    ];
    expect(ofDay({ parts, names: new Map([['a', 'Apples']]) }).categories).toEqual([
      { categoryId: 'a', name: 'Apples', totalMinor: '350', count: 3 },
      { categoryId: 'b', name: null, totalMinor: '300', count: 1 },
      { categoryId: 'c', name: null, totalMinor: '300', count: 1 },
    ]);
  });

  test('leave out a category whose expenses were all removed', () => {
    expect(ofDay({ parts: [part(friday, 0n, 'a', 0), part(friday, 0n, 'b')] }).categories).toMatchObject([
      { categoryId: 'b', totalMinor: '0' },
    ]);
  });
});

test('the top transactions are the three largest without refunds, and by id if equal', () => {
  const largest = [
    payment('d', 5n),
    payment('b', 7n),
    payment('a', 7n),
    payment('c', 9n),
    payment('e', -99n),
  ];
  expect(ofDay({ largest }).topTransactions.map(({ expenseId }) => expenseId)).toEqual(['c', 'a', 'b']);
  expect(ofDay({ largest: [payment('e', -99n), payment('z', 0n)] }).topTransactions).toEqual([]);
});

describe('a day is compared', () => {
  const before = (days: number): string => Temporal.PlainDate.from(friday).subtract({ days }).toString();

  test('with the day before and with the means of the 7 and the 30 days before', () => {
    const parts = [
      part(friday, 1000n),
      part(before(1), 2000n),
      part(before(7), 1500n),
      part(before(8), 400n),
      part(before(30), 2100n),
      part(before(31), 99_999n),
    ];
    // 1000 compared with 2000, with 3500 / 7 and with 6000 / 30.
    expect(ofDay({ parts })).toMatchObject({
      previousPct: -50,
      weeklyAveragePct: 100,
      monthlyAveragePct: 400,
    });
  });

  test('with nothing if the spending before was not above zero', () => {
    const nothing = { previousPct: null, weeklyAveragePct: null, monthlyAveragePct: null };
    expect(ofDay({ parts: [part(friday, 1000n)] })).toMatchObject(nothing);
    expect(ofDay({ parts: [part(friday, 1000n), part(before(1), -5n)] })).toMatchObject(nothing);
  });

  test.each([
    [null, false],
    [before(29), false],
    [before(30), true],
    [before(400), true],
  ])(
    'with usual spending after 30 days: with the first expense on %s it is known: %s',
    (firstDay, isUsualKnown) => {
      expect(ofDay({ firstDay })).toMatchObject({ isUsualKnown });
    },
  );
});

test('a week is compared only with the week before', () => {
  const parts = [part('2026-11-09', 900n), part('2026-11-08', 1000n), part('2026-11-01', 5000n)];
  expect(ofWeek({ parts })).toMatchObject({
    previousPct: -10,
    weeklyAveragePct: null,
    monthlyAveragePct: null,
  });
});

describe('bills', () => {
  const before = ['2026-11-16', '2026-11-17', '2026-11-18', '2026-11-19', '2026-11-13'];
  const usual = before.map((day) => part(day, 2000n));
  const rent = { day: friday, amountMinor: 100_000n };

  test('are left out of what a day is compared by', () => {
    const parts = [...usual, part(friday, 103_000n)];
    const figures = ofDay({ parts, bills: [rent] });
    expect(figures).toMatchObject({ totalMinor: '103000', billsMinor: '100000', usual: { pct: 50 } });
    expect(ofDay({ parts: usual, bills: [{ day: '2026-11-18', amountMinor: 5n }] })).not.toHaveProperty(
      'billsMinor',
    );
  });

  test('alone are compared with nothing', () => {
    const parts = [...usual, part(friday, 100_000n)];
    expect(ofDay({ parts, bills: [rent] })).toMatchObject({ billsMinor: '100000', usual: null });
  });

  test('are no usual spending', () => {
    const parts = [...usual, part('2026-11-12', 103_000n), part(friday, 4000n)];
    const figures = ofDay({ parts, bills: [{ ...rent, day: '2026-11-12' }] });
    expect(figures).toMatchObject({ usual: { pct: 100, isLargest: true } });
  });

  test('are left out of both weeks', () => {
    const parts = [part('2026-11-10', 103_000n), part('2026-11-04', 22_000n)];
    const bills = [
      { day: '2026-11-10', amountMinor: 100_000n },
      { day: '2026-11-04', amountMinor: 20_000n },
    ];
    expect(ofWeek({ parts, bills })).toMatchObject({ previousPct: 368.2, restPct: 50 });
  });
});

describe('the percentage by which an amount exceeds another', () => {
  test.each([
    [150n, 100n, 50],
    [100n, 100n, 0],
    [0n, 100n, -100],
    [-50n, 100n, -150],
    [1n, 3n, -66.7],
    [2n, 3n, -33.3],
    [10_005n, 10_000n, 0.1],
    [10_004n, 10_000n, 0],
    [9_995n, 10_000n, -0.1],
    [9_996n, 10_000n, 0],
    [5n, 0n, null],
    [5n, -1n, null],
  ])('for %s compared with %s is %s', (amount, base, percent) => {
    expect(percentMore(amount, base)).toBe(percent);
  });

  test('differs from the exact one by at most 0.05', () => {
    fc.assert(
      fc.property(fc.bigInt(-1_000_000n, 1_000_000n), fc.bigInt(1n, 1_000_000n), (amount, base) => {
        const exact = (100 * Number(amount - base)) / Number(base);
        expect(Math.abs((percentMore(amount, base) ?? Number.NaN) - exact)).toBeLessThan(0.0501);
      }),
    );
  });
});
