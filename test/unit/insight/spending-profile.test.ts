import { describe, expect, test } from 'vitest';
import {
  baselineOf,
  firstDayAfter,
  isClaimed,
  measure,
  measuredFrom,
} from '../../../src/insight/decide/measurement.ts';
import { merchantsOf, windowEnding } from '../../../src/insight/decide/merchant-spending.ts';
import type { DaySpending } from '../../../src/insight/decide/months.ts';
import { profileOf } from '../../../src/insight/decide/profile.ts';
import type { Evidence } from '../../../src/insight/decide/suggestion.ts';

const spent = (
  day: string,
  amountMinor: bigint,
  merchant: string | null,
  categoryId = 'food',
): DaySpending => ({
  categoryId,
  merchant,
  merchantRef: null,
  day,
  amountMinor,
  purchases: amountMinor > 0n ? 1 : 0,
  boughtMinor: amountMinor > 0n ? amountMinor : 0n,
  largestMinor: amountMinor > 0n ? amountMinor : 0n,
  squares: amountMinor > 0n ? Number(amountMinor) ** 2 : 0,
  isRecurring: false,
});

test('the merchant window has 90 days including today', () => {
  expect(windowEnding('2026-11-10')).toEqual({ firstDay: '2026-08-13', lastDay: '2026-11-10' });
  expect(windowEnding('2026-03-01')).toEqual({ firstDay: '2025-12-02', lastDay: '2026-03-01' });
});

describe('merchants', () => {
  test('are grouped by their keys and named by their most frequent spelling', () => {
    const merchants = merchantsOf([
      spent('2026-11-01', 100n, 'ALDI 0042'),
      spent('2026-11-02', 100n, 'Aldi'),
      spent('2026-11-03', 100n, 'Aldi'),
      spent('2026-11-04', 100n, 'aldi'),
    ]);
    expect(merchants).toEqual([{ key: expect.any(String), name: 'Aldi', spentMinor: 400n, purchases: 4 }]);
  });

  test('with an id are one whatever their names, and have the latest of these', () => {
    const at = (day: string, merchant: string | null, id: string, source = 'cards'): DaySpending => ({
      ...spent(day, 100n, merchant),
      merchantRef: { source, id },
    });
    const merchants = merchantsOf([
      at('2026-11-01', 'Old name', 'm1'),
      at('2026-11-01', 'Old name', 'm1'),
      at('2026-11-05', 'New name', 'm1'),
      at('2026-11-06', null, 'm1'),
      at('2026-11-01', 'New name', 'm1', 'bank'),
      at('2026-11-01', 'New name', 'm2'),
      at('2026-11-01', null, 'm3'),
      spent('2026-11-01', 50n, 'New name'),
    ]);
    expect(merchants.map(({ name, spentMinor }) => `${name} ${spentMinor}`).sort()).toEqual([
      'New name 100',
      'New name 100',
      'New name 400',
      'New name 50',
      'm3 100',
    ]);
    expect(new Set(merchants.map(({ key }) => key)).size).toBe(merchants.length);
  });

  test('are those with more purchases than refunds, most spent first, then by name', () => {
    const merchants = merchantsOf([
      spent('2026-11-01', 100n, 'Beta'),
      spent('2026-11-01', 100n, 'Alpha'),
      spent('2026-11-01', 300n, 'Gamma'),
      spent('2026-11-01', 200n, 'Delta'),
      spent('2026-11-02', -200n, 'Delta'),
      spent('2026-11-02', -100n, 'Gamma'),
      spent('2026-11-02', 900n, null),
      spent('2026-11-02', 900n, '  '),
    ]);
    expect(merchants.map(({ name, spentMinor, purchases }) => [name, spentMinor, purchases])).toEqual([
      ['Gamma', 200n, 1],
      ['Alpha', 100n, 1],
      ['Beta', 100n, 1],
    ]);
  });
});

describe('a trend suggestion', () => {
  const today = '2026-11-10';

  /** In each of the months before today, oldest first, so many purchases of `each`. */
  const bought = (counts: readonly number[], each = 2000n, categoryId = 'food'): DaySpending[] =>
    counts.flatMap((count, index) =>
      Array.from({ length: count }, (_, place) => {
        const month = Temporal.PlainYearMonth.from('2026-11').subtract({ months: counts.length - index });
        return spent(month.toPlainDate({ day: 1 + (place % 28) }).toString(), each, 'Alpha', categoryId);
      }),
    );
  const suggest = (spending: DaySpending[], currency = 'USD') => {
    const firstDays = new Map<string, string>();
    for (const { categoryId, day } of spending.toSorted((one, other) => (one.day < other.day ? -1 : 1)))
      if (!firstDays.has(categoryId)) firstDays.set(categoryId, day);
    return profileOf({ spending, firstDays, today, currency }).suggestions;
  };
  const risen = [10, 10, 10, 22, 22, 22];

  test('has the figures of the rise, and claims the part that stays', () => {
    // (22 − 10) × 20.00 = 240.00, divided by 20.00 × √96 / 3.
    expect(suggest(bought(risen))).toMatchObject([
      {
        categoryId: 'food',
        savingMinor: 10_800n,
        savingsPct: 24.5,
        confidence: 0.8,
        difficulty: 'hard',
        evidence: {
          type: 'spending_trend',
          trendPct: 120,
          z: 3.67,
          deviationMinor: '6532',
          earlier: [{ totalMinor: '20000' }, { totalMinor: '20000' }, { totalMinor: '20000' }],
          recent: [{ month: '2026-08', totalMinor: '44000', count: 22 }, {}, {}],
        },
      },
    ]);
  });

  test.each<[string, DaySpending[]]>([
    ['a rise that chance may make', bought([10, 10, 10, 15, 15, 15])],
    ['a month that is not above the earlier ones', bought([10, 10, 10, 10, 28, 28])],
    ['one high month, after which two are near the earlier ones', bought([10, 10, 10, 46, 13, 13])],
    ['fewer than six complete months', bought(risen.slice(1))],
    ['purchases too small to matter', bought(risen, 100n)],
    [
      'two months that are higher by one purchase each',
      bought([2, 2, 2, 2, 2, 2]).concat(spent('2026-09-09', 90_000n, 'Sofas')),
    ],
    ['a level that was there before the earlier months', bought([22, 22, 22, 22, 22, 22, ...risen])],
    [
      'the same months of the year before',
      bought([22, 22, 22, 10, 10, 10, 10, 10, 10, 10, 10, 10, 22, 22, 22]),
    ],
    ['charges that recur', bought(risen).map((each) => ({ ...each, isRecurring: true }))],
    [
      'a base that a refund made small',
      [...bought([22, 22, 22, 22, 22, 22]), spent('2026-06-20', -70_000n, 'Alpha')],
    ],
    [
      'a rise that is less than 1 % of all spending',
      [...bought(risen, 400n), ...bought([1, 1, 1, 1, 1, 1], 9_000_000n, 'rent')],
    ],
  ])('is not made of %s', (_, spending) => {
    expect(suggest(spending)).toEqual([]);
  });

  test('is made of a level that only the months long before had', () => {
    expect(suggest(bought([22, ...Array.from({ length: 9 }, () => 10), ...risen]))).toHaveLength(1);
  });

  test.each([
    ['USD', 420n, 1],
    ['USD', 180n, 0],
    ['JPY', 5n, 1],
    ['JPY', 1n, 0],
    ['KWD', 4200n, 1],
    ['KWD', 1800n, 0],
  ])('saves 10 units a month at least: purchases of %s %s give %s', (currency, each, count) => {
    expect(suggest(bought(risen, each), currency)).toHaveLength(count);
  });

  test('counts the chance of all categories, so that many of them do not make a discovery', () => {
    const nearly = [10, 10, 10, 19, 19, 19];
    const steady = (category: number) => bought([9, 9, 9, 9, 9, 9], 2000n, `steady-${category}`);
    const alone = suggest(bought(nearly));
    const among = suggest([...bought(nearly), ...Array.from({ length: 30 }, (_, at) => steady(at)).flat()]);
    expect([alone.length, among.length]).toEqual([1, 0]);
  });

  test('does not come of uneven months or of several merchants', () => {
    const uneven = bought([1, 30, 2, 28, 3, 20]);
    const merchants = ['Beta', 'Gamma', 'Delta'].map((merchant) => spent('2026-10-05', 50_000n, merchant));
    expect(suggest([...uneven, ...merchants])).toEqual([]);
  });
});

describe('the measurement of an accepted recommendation', () => {
  const window = { firstDay: '2026-08-13', lastDay: '2026-11-10', merchants: [] };
  const monthsOf = (...totals: number[]) =>
    totals.map((total, index) => ({ month: `2026-0${index + 1}`, totalMinor: String(total), count: 1 }));
  const trend: Evidence = {
    type: 'spending_trend',
    ...window,
    earlier: monthsOf(100, 100, 100),
    recent: monthsOf(200, 200, 201),
    trendPct: 100.3,
  };
  const volatility: Evidence = {
    type: 'spending_volatility',
    ...window,
    months: monthsOf(100, 100, 100, 100, 100, 900),
    volatility: 1.4,
  };
  const [targetKey = ''] = merchantsOf([spent('2026-11-01', 1n, 'Tesco')]).map(({ key }) => key);
  const consolidation: Evidence = {
    type: 'merchant_consolidation',
    ...window,
    targetKey,
    elsewhereMinor: '300',
    rate: '0',
  };

  // Three days after the months have ended.
  test.each([
    ['2026-11-10', 'UTC', '2027-03-01', '2027-03-04T00:00:00Z'],
    ['2026-11-01', 'Europe/Berlin', '2027-03-01', '2027-03-03T23:00:00Z'],
    ['2026-11-30', 'America/New_York', '2027-03-01', '2027-03-04T05:00:00Z'],
    ['2026-08-31', 'UTC', '2026-12-01', '2026-12-04T00:00:00Z'],
  ])(
    'after acceptance on %s in %s covers the days before %s and is due at %s',
    (day, timeZone, first, at) => {
      expect(firstDayAfter(day)).toBe(first);
      expect(measuredFrom(day, timeZone).toString()).toBe(at);
    },
  );

  test.each<[string, Evidence, string]>([
    // 100 and 45 % of 100.
    [
      'the earlier months and the part of the rise that stays',
      { ...trend, deviationMinor: '20' },
      '145.000000',
    ],
    ['the mean of the recent months for a trend of the version before', trend, '200.333333'],
    ['the mean of all months for uneven spending', volatility, '233.333333'],
    ['a third of the 90 days for a consolidation', consolidation, '100.000000'],
  ])('has as its baseline %s', (_, evidence, baseline) => {
    expect(baselineOf(evidence)).toBe(baseline);
  });

  const after = [
    spent('2026-11-30', 5000n, 'Aldi'),
    spent('2026-12-01', 300n, 'Tesco'),
    spent('2026-12-31', 300n, 'Aldi'),
    spent('2027-02-28', 301n, null),
    spent('2027-03-01', 5000n, 'Aldi'),
  ];
  const acceptedDay = '2026-11-10';

  test.each([
    // (600 + 0 + 301) / 3: 300.33.
    ['400.000000', 100n],
    ['299.833333', -1n],
  ])('with a baseline of %s covers all merchants of the category and finds %s saved', (baseline, saved) => {
    const measured = measure({ baseline, deviationMinor: null, acceptedDay }, after);
    expect(measured).toMatchObject({ savedMinor: saved, range: null });
    expect(measured.months.map(({ month }) => month)).toEqual(['2026-12', '2027-01', '2027-02']);
  });

  test.each([
    // 100 less two deviations, and with 4.3 more.
    ['40', 20n, 272n, true],
    ['50', 0n, 315n, false],
    ['60', -20n, 358n, false],
  ])(
    'with a deviation of %s has a range from %s to %s, and is claimed: %s',
    (deviationMinor, lowMinor, highMinor, isTold) => {
      const { range } = measure({ baseline: '400.000000', deviationMinor, acceptedDay }, after);
      expect(range).toEqual({ lowMinor, highMinor });
      expect(range && isClaimed(range)).toBe(isTold);
    },
  );

  test('claims a loss where the whole range is below zero', () => {
    expect(isClaimed({ lowMinor: -9n, highMinor: -1n })).toBe(true);
    expect(isClaimed({ lowMinor: -9n, highMinor: 0n })).toBe(false);
  });
});
