import { describe, expect, test } from 'vitest';
import type { PublishedBenchmark } from '../../../src/insight/decide/benchmark.ts';
import type { Comparison } from '../../../src/insight/decide/comparison.ts';
import { insightOf } from '../../../src/insight/messages/comparison-message.ts';

const benchmark: PublishedBenchmark = {
  month: '2026-10-01',
  currency: 'USD',
  cohortSize: 1240,
  mean: 46_800n,
  standardDeviation: 12_300n,
  p10: 10_000n,
  p25: 20_000n,
  median: 40_000n,
  p75: 60_000n,
  p90: 90_000n,
  monthOverMonthPct: null,
  yearOverYearPct: null,
  trend: null,
  updatedAt: Temporal.Instant.from('2026-11-02T02:15:00Z'),
};

const render = (change: Partial<Comparison>, { name = 'Groceries', locale = 'en' } = {}) =>
  insightOf(
    name,
    {
      month: '2026-10-01',
      currency: 'USD',
      spentMinor: 41_230n,
      percentileRank: 40,
      isOutlier: false,
      vsMeanPct: -11.9,
      vsMedianPct: 3.1,
      ownMean: null,
      benchmark,
      ...change,
    },
    locale,
  );

describe('a comparison with other people', () => {
  test.each([
    [{}, '$412.30 in October 2026, 12% below the average of 1,240 people ($468.00).'],
    [{ vsMeanPct: 0.4 }, '$412.30 in October 2026, about the same as the average of 1,240 people ($468.00).'],
    [{ vsMeanPct: 0.5 }, '$412.30 in October 2026, 1% above the average of 1,240 people ($468.00).'],
    [
      { spentMinor: 200_000n, vsMeanPct: 327.4, percentileRank: 97, isOutlier: true },
      '$2,000.00 in October 2026, 4 times the average of 1,240 people ($468.00); most of them spent less.',
    ],
    [
      { spentMinor: 500n, vsMeanPct: -98.9, percentileRank: 3, isOutlier: true },
      '$5.00 in October 2026, 99% below the average of 1,240 people ($468.00).',
    ],
  ])('of %o reads "%s"', (change, text) => {
    expect(render(change)).toBe(`Groceries: ${text}`);
  });
});

describe('a comparison with one’s own months', () => {
  const alone = { percentileRank: null, isOutlier: null };

  test.each([
    [{}, '$412.30 in October 2026; there is no earlier month of yours to compare it with yet.'],
    [
      { ownMean: { months: 1, minor: 40_000n } },
      '$412.30 in October 2026, 3% above the month before ($400.00).',
    ],
    [
      { ownMean: { months: 6, minor: 50_000n } },
      '$412.30 in October 2026, 18% below your average of the 6 months before ($500.00).',
    ],
    [{ ownMean: { months: 2, minor: 0n } }, '$412.30 in October 2026, after nothing in the 2 months before.'],
    [
      { ownMean: { months: 2, minor: 5000n }, spentMinor: 0n },
      'nothing spent in October 2026, 100% below your average of the 2 months before ($50.00).',
    ],
    [
      { ownMean: { months: 3, minor: 5000n }, spentMinor: -500n },
      '-$5.00 in October 2026, 110% below your average of the 3 months before ($50.00).',
    ],
  ])('of %o reads "%s"', (change, text) => {
    expect(render({ ...alone, ...change })).toBe(`Groceries: ${text}`);
  });
});

test('a comparison formats figures in the reader’s locale and keeps a name on one line', () => {
  expect(render({}, { locale: 'de', name: 'Ess\nen' })).toBe(
    'Ess en: 412,30\u00a0$ in Oktober 2026, 12\u00a0% below the average of 1.240 people (468,00\u00a0$).',
  );
});

test('a comparison praises nobody, whatever they spent', () => {
  for (const vsMeanPct of [-99, -50, -5, 0, 5, 50, 500])
    for (const percentileRank of [1, 50, 99])
      expect(render({ vsMeanPct, percentileRank, isOutlier: percentileRank !== 50 })).not.toMatch(
        /well done|great|good|congrat|treat|save|room|afford|only|just|!/i,
      );
});
