/** The distribution of what is still to come, and when there is none. */
import { array, assert, integer, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DailySums } from '../../../src/insight/decide/forecast/daily-sums.ts';
import { DayWeights, evenDays, sharesOf } from '../../../src/insight/decide/forecast/day-weights.ts';
import { forecastRemaining, type ForecastSource } from '../../../src/insight/decide/forecast/forecast.ts';
import { RatioPool } from '../../../src/insight/decide/forecast/forecast-ratios.ts';
import { dayNumber } from '../../../src/insight/decide/recurring-schedule.ts';
import { earlierPeriods, refusalOf } from '../../../src/insight/decide/forecast/rule-forecast.ts';

const number = (day: string) => dayNumber(day);
const [first, start, end] = [number('2025-11-01'), number('2026-11-01'), number('2026-12-01')];
const weights = new DayWeights(evenDays, first - 100, end + 400);

/** 10.00 on every day, from November 2025 on. */
const daily = Array.from({ length: end - first }, (_, index) => ({
  number: first + index,
  amount: 1_000,
  purchases: 1,
}));

const source = (others: Partial<ForecastSource> = {}): ForecastSource => {
  const { now = number('2026-11-11'), period = { start, end } } = others;
  return {
    sums: new DailySums(daily, first, now),
    first,
    period,
    now,
    weights,
    earlier: earlierPeriods('monthly', { start: '2026-11-01', end: '2026-12-01' }, '2025-11-01'),
    ratios: new Map(),
    bills: [],
    ...others,
  };
};

const quantilesOf = (others: Partial<ForecastSource> = {}) =>
  forecastRemaining(source(others))?.quantiles ?? [];

describe('what is still to come', () => {
  test('is what came after the same day of earlier months', () => {
    const quantiles = quantilesOf();
    expect([quantiles.length, quantiles[0], quantiles[50], quantiles[100]]).toEqual([
      101,
      18_000n,
      21_000n,
      21_000n,
    ]);
  });

  test('has the bills that are due on top', () => {
    const bills = [{ amountMinor: 60_000n, dueOn: number('2026-11-28') }];
    expect(quantilesOf({ bills })[50]).toBe(81_000n);
  });

  test('is nothing after the last day', () => {
    expect(new Set(quantilesOf({ now: end }))).toEqual(new Set([0n]));
  });

  test('goes by the ratios of the tenant where months are few', () => {
    const half = new Map([['4/7', Array.from({ length: 51 }, () => 0.5)]]);
    const lonely = { earlier: [], ratios: half };
    expect(new Set(quantilesOf(lonely))).toEqual(new Set([10_000n]));
    expect(quantilesOf({ earlier: [] })).toEqual([]);
  });

  test('of a long period is what came in as long a time before', () => {
    const year = { start: number('2026-09-01'), end: number('2026-12-31') };
    const quantiles = quantilesOf({ period: year, now: number('2026-11-21'), earlier: [] });
    expect(new Set(quantiles)).toEqual(new Set([40_000n]));
  });

  test('never falls from one quantile to the next', () => {
    const day = record({
      number: integer({ min: first, max: end - 1 }),
      amount: integer({ min: -50_000, max: 500_000 }),
      purchases: integer({ min: 0, max: 5 }),
    });
    assert(
      property(array(day, { maxLength: 200 }), integer({ min: start + 1, max: end }), (days, now) => {
        const quantiles = quantilesOf({ sums: new DailySums(days, first, now), now });
        expect(quantiles).toEqual(
          quantiles.toSorted((one, other) => (one < other ? -1 : one > other ? 1 : 0)),
        );
      }),
    );
  });
});

describe('the ratios of a tenant', () => {
  const months = earlierPeriods(
    'monthly',
    { start: '2026-11-01', end: '2026-12-01' },
    '2025-05-01',
  ).toReversed();
  const pooled = (people: number) => {
    const pool = new RatioPool(months, weights);
    const sums = new DailySums(daily, number('2025-05-01'), start);
    for (let each = 0; each < people; each++) pool.add({ userId: `p${each}`, sums, first });
    return pool.pooled();
  };

  test('need ten people', () => {
    expect(pooled(9)).toEqual([]);
    expect(pooled(10).every(({ people }) => people === 10)).toBe(true);
  });

  test('are one for people who spend the same every day', () => {
    const all = pooled(10).flatMap(({ ratios }) => ratios);
    expect(all.length).toBeGreaterThan(100);
    expect(Math.max(...all.map((ratio) => Math.abs(ratio - 1)))).toBeLessThan(1e-9);
  });
});

test('the weights of days follow weekdays and days of the month', () => {
  const from = number('2026-01-05');
  const purchases = Array.from({ length: 52 * 7 }, (_, day) => (day % 7 < 5 ? 10 : 0));
  const own = sharesOf(purchases, from);
  const { weekdays, monthDays } = own;
  expect(weekdays.map((each) => Number(each.toFixed(6)))).toEqual([1.4, 1.4, 1.4, 1.4, 1.4, 0, 0]);
  expect(Math.max(...monthDays.map((each) => Math.abs(each - 1)))).toBeLessThan(1e-9);
  const shares = new DayWeights(own, from, from + 14);
  expect(shares.between(from, from + 7)).toBeCloseTo(7, 6);
  expect(shares.between(from + 5, from + 7)).toBeCloseTo(0, 6);
});

describe('the season of a day', () => {
  const from = number('2025-01-01');
  const december = number('2025-12-01');
  const purchasesUntil = (to: number, begun = from) =>
    Array.from({ length: to - from }, (_, at) => {
      const day = from + at;
      if (day < begun) return 0;
      return december <= day && day < december + 31 ? 200 : 100;
    });
  const weightsFrom = (purchases: readonly number[], seasonsFrom: number) =>
    new DayWeights(sharesOf(purchases, from), start - 400, start + 200, seasonsFrom);
  const [nextDecember, nextSpring] = [number('2026-12-01'), number('2027-03-20')];
  const ratioOf = (weights: DayWeights) =>
    weights.between(nextDecember, nextDecember + 28) / weights.between(nextSpring, nextSpring + 28);

  test('is that of the year before, damped', () => {
    const ratio = ratioOf(weightsFrom(purchasesUntil(start), start));
    expect(ratio).toBeGreaterThan(1.2);
    expect(ratio).toBeLessThan(1.6);
  });

  test('is none for what is past', () => {
    expect(ratioOf(weightsFrom(purchasesUntil(start), start + 200))).toBeCloseTo(1, 1);
  });

  test('is none where a tenant began less than two months before', () => {
    const seasons = sharesOf(purchasesUntil(start, number('2025-11-01')), from).seasons;
    expect(seasons[nextDecember % 364]).toBe(1);
  });
});

describe('a forecast is refused', () => {
  const november = { start: '2026-11-01', end: '2026-12-01' };
  test.each<[string, { start: string; end: string }, string | null, string, string | null]>([
    ['on the second day of a month', november, '2026-01-01', '2026-11-02', 'too_early'],
    ['on none later', november, '2026-01-01', '2026-11-03', null],
    ['on no day of a week', { start: '2026-11-02', end: '2026-11-09' }, '2026-01-01', '2026-11-02', null],
    ['with two complete months', november, '2026-08-02', '2026-11-10', 'too_little_history'],
    ['with three', november, '2026-08-01', '2026-11-10', null],
    ['without expenses', november, null, '2026-11-10', 'too_little_history'],
    ['for a day', { start: '2026-11-10', end: '2026-11-11' }, '2026-01-01', '2026-11-10', 'period_too_short'],
  ])('%s', (_name, period, firstDay, today, expected) => {
    expect(refusalOf(period, firstDay, today)).toBe(expected);
  });
});
