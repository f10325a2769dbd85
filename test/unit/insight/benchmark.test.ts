/** Which figures of a benchmark are published, and how a person's month compares with them. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  monthsOverEverywhere,
  publish,
  type StoredBenchmark,
} from '../../../src/insight/decide/benchmark.ts';
import { compare, isOutlier, ownMeanBefore } from '../../../src/insight/decide/comparison.ts';
import { scaled, threeDigits } from '../../../src/insight/decide/scaled-figure.ts';
import { percentMore } from '../../../src/values/figures.ts';

const stored = (change: Partial<StoredBenchmark> = {}): StoredBenchmark => ({
  month: '2026-10-01',
  currency: 'USD',
  cohortSize: 24,
  mean: '46812.5',
  standardDeviation: '12345.678',
  p10: '10049.9',
  p25: '10050',
  median: '99949.99',
  p75: '99950',
  p90: '123',
  updatedAt: '2026-11-02T02:15:00Z',
  ...change,
});

const figuresOf = (change: Partial<StoredBenchmark>) => {
  const { mean, standardDeviation, p10, p25, median, p75, p90 } = publish(stored(change), []);
  return { mean, standardDeviation, p10, p25, median, p75, p90 };
};

describe('rounding to three significant digits', () => {
  test.each([
    ['123456', 123_000n],
    ['123500', 124_000n],
    ['123499.99999999999999999999', 123_000n],
    ['-123500', -124_000n],
    ['999500', 1_000_000n],
    ['999499', 999_000n],
    ['1005', 1010n],
    ['999.5', 1000n],
    // Minor units have no further decimals.
    ['12.5', 13n],
    ['0.4999', 0n],
    ['0.5', 1n],
    ['-0.5', -1n],
    ['7', 7n],
    ['12345678901234567890123.5', 12_300_000_000_000_000_000_000n],
  ])('turns %s into %s', (text, minor) => {
    expect(threeDigits(text)).toBe(minor);
  });

  test('changes a figure by at most half a unit of the third digit', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 24n), (value) => {
        const off = threeDigits(value.toString()) - value;
        expect((off < 0n ? -off : off) * 200n <= value || value < 1000n).toBe(true);
        expect(threeDigits(value.toString()).toString()).toMatch(/^\d{1,3}0*$/);
      }),
    );
  });

  test('reads decimals to the twentieth place', () => {
    expect(scaled('1.5')).toBe(150_000_000_000_000_000_000n);
    expect(scaled('-0.25')).toBe(-25_000_000_000_000_000_000n);
  });
});

describe('a published benchmark', () => {
  const nothing = { mean: null, standardDeviation: null, p25: null, median: null, p75: null };
  const ends = { p10: null, p90: null };
  const figures = { mean: 46_800n, standardDeviation: 12_300n, p25: 10_100n, median: 99_900n, p75: 100_000n };

  test.each([
    [1, { ...nothing, ...ends }],
    [9, { ...nothing, ...ends }],
    [10, { ...figures, ...ends }],
    [19, { ...figures, ...ends }],
    [20, { ...figures, p10: 10_000n, p90: 123n }],
  ])('of %i people has only the figures that k-anonymity allows', (cohortSize, expected) => {
    expect(figuresOf({ cohortSize })).toEqual(expected);
  });

  test.each([
    // With this deviation, (10 - 1) / √10 of it is a twentieth of the mean of 1000.
    [10, '17.5', null],
    [10, '17.6', 18n],
    [1000, '1.5', null],
    [1000, '1.6', 2n],
    [12, '0', null],
  ])(
    'of %i people with a deviation of %s publishes the deviation %s',
    (cohortSize, standardDeviation, expected) => {
      expect(figuresOf({ cohortSize, mean: '1000', standardDeviation }).standardDeviation).toBe(expected);
    },
  );

  const changed = (before: Partial<StoredBenchmark>, mean = '46812.5') => {
    const { monthOverMonthPct, yearOverYearPct, trend } = publish(stored({ mean }), [stored(before)]);
    return [monthOverMonthPct, yearOverYearPct, trend];
  };

  test('is compared with the month before and the same month a year before only', () => {
    expect(changed({ month: '2026-09-01', mean: '40000' })).toEqual([17, null, 'rising']);
    expect(changed({ month: '2025-10-01', mean: '40000' })).toEqual([null, 17, null]);
    expect(changed({ month: '2026-08-01', mean: '40000' })).toEqual([null, null, null]);
  });

  test('is not compared with an unpublished month, another currency or a mean of zero', () => {
    const month = '2026-09-01';
    for (const before of [{ cohortSize: 9 }, { currency: 'EUR' }, { mean: '0.2' }])
      expect(changed({ month, ...before })).toEqual([null, null, null]);
  });

  test.each([
    ['1050', 'rising'],
    // Published as 1050.
    ['1045', 'rising'],
    ['1044', 'steady'],
    ['956', 'steady'],
    ['950', 'falling'],
  ])('has a trend from five percent: from 1000 to %s is %s', (mean, trend) => {
    expect(changed({ month: '2026-09-01', mean: '1000' }, mean)[2]).toBe(trend);
  });
});

test('a percentage is rounded to a tenth, half away from zero', () => {
  const pairs = [
    [112n, 100n],
    [10_005n, 10_000n],
    [9995n, 10_000n],
    [2n, 3n],
    [-5n, 10n],
    [1n, 0n],
    [1n, -1n],
  ] as const;
  expect(pairs.map(([value, reference]) => percentMore(value, reference))).toEqual([
    12,
    0.1,
    -0.1,
    -33.3,
    -150,
    null,
    null,
  ]);
});

describe('the months with a benchmark', () => {
  const months = (now: string) => monthsOverEverywhere(Temporal.Instant.from(now));

  test('are thirteen, latest first', () => {
    const found = months('2026-11-22T02:15:00Z');
    expect([found.length, found[0], found[12]]).toEqual([13, '2026-10-01', '2025-10-01']);
  });

  test.each([
    ['2026-11-01T11:59:59.999Z', '2026-09-01'],
    ['2026-11-01T12:00:00Z', '2026-10-01'],
    ['2027-01-01T12:00:00Z', '2026-12-01'],
  ])('at %s begin with %s', (now, month) => {
    expect(months(now)[0]).toBe(month);
  });
});

describe('a person in a comparison', () => {
  test.each([
    ['10', 20, true],
    ['10.00000000000000000001', 20, false],
    ['50', 20, false],
    ['89.9999', 20, false],
    ['90', 20, true],
    ['97.5', 19, null],
    [null, 30, null],
  ])('with rank %s among %i people is an outlier: %s', (rank, cohortSize, expected) => {
    expect(isOutlier(rank, cohortSize)).toBe(expected);
  });

  const comparedIn = (cohortSize: number) =>
    compare({
      month: '2026-10-01',
      currency: 'USD',
      spentMinor: 50_000n,
      percentileRank: '29.1666666666666666667',
      ownMean: null,
      benchmark: publish(stored({ cohortSize }), []),
    });

  test('is compared with the published figures', () => {
    expect(comparedIn(24)).toMatchObject({
      percentileRank: 29.17,
      isOutlier: false,
      vsMeanPct: 6.8,
      vsMedianPct: -49.9,
    });
    expect(comparedIn(10)).toMatchObject({ percentileRank: 29.17, isOutlier: null, vsMeanPct: 6.8 });
    expect(comparedIn(9)).toMatchObject({
      percentileRank: null,
      isOutlier: null,
      vsMeanPct: null,
      vsMedianPct: null,
    });
  });

  test.each([
    [[], null, null],
    [[], '2026-10-09', null],
    [[['2026-09-01', 600n]], '2026-09-01', { months: 1, minor: 600n }],
    // Half a month does not count.
    [[['2026-09-01', 600n]], '2026-09-02', null],
    [
      [
        ['2026-09-01', 600n],
        ['2026-08-01', 5n],
      ],
      '2026-08-31',
      { months: 1, minor: 600n },
    ],
    [[['2026-09-01', 600n]], '2026-08-01', { months: 2, minor: 300n }],
    [
      [
        ['2026-09-01', 600n],
        ['2026-04-01', 601n],
      ],
      '2020-01-01',
      { months: 6, minor: 200n },
    ],
    [[], '2020-01-01', { months: 6, minor: 0n }],
    [[['2026-09-01', -5n]], '2026-08-01', { months: 2, minor: -3n }],
  ] as const)('who spent %o and began on %s has an own mean of %o', (months, firstDay, expected) => {
    const earlier = months.map(([month, spentMinor]) => ({ month, spentMinor }));
    expect(ownMeanBefore('2026-10-01', earlier, firstDay)).toEqual(expected);
  });
});
