import { describe, expect, test } from 'vitest';
import { baselineOf, firstDayAfter, measure, measuredFrom } from '../../../src/insight/decide/measurement.ts';
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

describe('a consolidation suggestion', () => {
  const evenly = (each: bigint) =>
    ['Alpha', 'Beta', 'Gamma'].map((merchant) => spent('2026-11-01', each, merchant));
  const source = { firstDays: new Map([['food', '2026-11-01']]), today: '2026-11-10', currency: 'USD' };

  // 5 % of two thirds, divided by 3 months: 500 for 15000 each.
  test.each([
    [15_000n, 500n],
    [14_999n, null],
    [30_000n, 1000n],
  ])('for %s at each of three merchants saves %s', (each, saving) => {
    const { suggestions } = profileOf({ ...source, spending: evenly(each) });
    expect(suggestions.at(0)?.savingMinor ?? null).toBe(saving);
  });

  test.each([
    ['JPY', 150n, 1],
    ['JPY', 149n, 0],
    ['KWD', 150_000n, 1],
    ['KWD', 149_999n, 0],
  ])(
    'saves at least 5 units of %s a month: %s at each merchant gives %s suggestions',
    (currency, each, count) => {
      const { suggestions } = profileOf({ ...source, currency, spending: evenly(each) });
      expect(suggestions).toHaveLength(count);
    },
  );

  test('respects a larger minimum saving', () => {
    const asked = { ...source, spending: evenly(15_000n) };
    expect(profileOf({ ...asked, minimumMinor: 501n }).suggestions).toEqual([]);
    expect(profileOf({ ...asked, minimumMinor: 500n }).suggestions).toHaveLength(1);
  });

  test('chooses the first merchant by key if several are equally large', () => {
    const { suggestions } = profileOf({ ...source, spending: evenly(20_000n).toReversed() });
    const [evidence] = suggestions.map((each) => each.evidence);
    expect(evidence).toMatchObject({
      type: 'merchant_consolidation',
      merchants: [{ name: 'Alpha' }, {}, {}],
    });
    expect(evidence && 'targetKey' in evidence && evidence.targetKey).toBe(evidence?.merchants[0]?.key);
  });
});

describe('monthly totals', () => {
  /** The first day is that of the first month. Spending is in the last complete months, oldest first. */
  const typesFor = (...amounts: bigint[]): string[] => {
    const months = amounts.map((_, index) =>
      Temporal.PlainYearMonth.from('2026-11')
        .subtract({ months: amounts.length - index })
        .toString(),
    );
    const spending = amounts.map((amount, index) => spent(`${months[index]}-01`, amount, null));
    const firstDays = new Map([['food', `${months[0]}-01`]]);
    const { suggestions } = profileOf({ spending, firstDays, today: '2026-11-10', currency: 'USD' });
    return suggestions.map(({ evidence }) => evidence.type);
  };

  test.each([
    [[100n, 100n, 110n, 110n, 110n], []],
    [[100n, 100n, 110n, 111n, 110n], ['spending_trend']],
    [[100n, 100n, 100n, 90n, 90n, 90n], []],
    // 0.3 exactly, and a little more. Both months above the mean lie before the others, so there is no trend.
    [[13_000n, 13_000n, 10_000n, 7_000n, 7_000n], []],
    [[13_001n, 13_000n, 10_000n, 7_000n, 6_999n], ['spending_volatility']],
    [[100n, 200n, 300n], []],
    [[200n, 300n, 300n, 100n], ['spending_volatility']],
    [
      [100n, 100n, 300n, 300n, 300n],
      ['spending_trend', 'spending_volatility'],
    ],
  ])('of %s give the suggestions %o', (amounts, types) => {
    expect(typesFor(...amounts)).toEqual(types);
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
    elsewhereMinor: '0',
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

  const before = [
    spent('2026-07-31', 9000n, 'Aldi'),
    spent('2026-08-12', 800n, 'Aldi'),
    spent('2026-09-01', 200n, 'TESCO'),
    spent('2026-10-31', 100n, null),
    spent('2026-11-10', 50n, 'Lidl'),
  ];

  test.each<[string, Evidence, DaySpending[], string, string]>([
    ['the mean of the recent months for a trend', trend, before, '2026-01-05', '200.333333'],
    ['the mean of all months for uneven spending', volatility, before, '2026-01-05', '233.333333'],
    // (800 + 200 + 100) / 3.
    [
      'the mean of the last three complete months for a consolidation',
      consolidation,
      before,
      '2026-01-05',
      '366.666667',
    ],
    ['the complete months there are, if fewer than three', consolidation, before, '2026-08-30', '150.000000'],
    // 400 in 40 days.
    [
      'the spending scaled to an average month, if no month is complete',
      consolidation,
      [spent('2026-10-02', 400n, 'Aldi')],
      '2026-10-02',
      '304.375000',
    ],
    [
      'the spending so far, if it began less than a month ago',
      consolidation,
      [spent('2026-11-09', 400n, null)],
      '2026-11-09',
      '400.000000',
    ],
  ])('has as its baseline %s', (_, evidence, spending, firstDay, baseline) => {
    expect(baselineOf(evidence, spending, firstDay, '2026-11-10')).toBe(baseline);
  });

  test.each([
    // (600 + 0 + 301) / 3: 300.33.
    ['400.000000', 100n],
    ['299.833333', -1n],
  ])('with a baseline of %s covers all merchants of the category and finds %s saved', (baseline, saved) => {
    const after = [
      spent('2026-11-30', 5000n, 'Aldi'),
      spent('2026-12-01', 300n, 'Tesco'),
      spent('2026-12-31', 300n, 'Aldi'),
      spent('2027-02-28', 301n, null),
      spent('2027-03-01', 5000n, 'Aldi'),
    ];
    const measured = measure({ baseline, acceptedDay: '2026-11-10' }, after);
    expect(measured.savedMinor).toBe(saved);
    expect(measured.months.map(({ month }) => month)).toEqual(['2026-12', '2027-01', '2027-02']);
  });

  /** The same amount on each of the days, starting with `firstDay`. */
  const daily = (firstDay: string, days: number, merchants: string[]) =>
    Array.from({ length: days }, (_, index) =>
      spent(
        Temporal.PlainDate.from(firstDay).add({ days: index }).toString(),
        1000n,
        merchants[index % merchants.length] ?? null,
      ),
    );

  test('finds no saving if the same amount is spent, even if all of it moved to one merchant', () => {
    const acceptedDay = '2026-10-20';
    const earlier = daily('2026-07-01', 112, ['Tesco', 'Aldi', 'Lidl']);
    const baseline = baselineOf(consolidation, earlier, '2026-07-01', acceptedDay);
    const savedBy = (merchants: string[]) =>
      measure({ baseline, acceptedDay }, daily('2026-11-01', 92, merchants)).savedMinor;
    expect(savedBy(['Tesco', 'Aldi', 'Lidl'])).toBe(0n);
    expect(savedBy(['Tesco'])).toBe(0n);
  });
});
