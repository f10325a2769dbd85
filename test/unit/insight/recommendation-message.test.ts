import { describe, expect, test } from 'vitest';
import type { Evidence, MonthEvidence } from '../../../src/insight/decide/suggestion.ts';
import { recommendationMessage } from '../../../src/insight/messages/recommendation-message.ts';

const merchants = [
  { key: 'ALPHA', name: 'Alpha', spentMinor: '50000', count: 3 },
  { key: 'BETA', name: 'Beta', spentMinor: '30000', count: 1 },
  { key: 'GAMMA', name: 'Gamma', spentMinor: '20000', count: 2 },
  { key: 'DELTA', name: 'Delta', spentMinor: '100', count: 2 },
];
const window = { firstDay: '2026-08-13', lastDay: '2026-11-10', merchants };

const monthsFrom = (first: string, ...totals: string[]): MonthEvidence[] =>
  totals.map((totalMinor, index) => ({
    month: Temporal.PlainYearMonth.from(first).add({ months: index }).toString(),
    totalMinor,
    count: index + 1,
  }));

const trend: Evidence = {
  type: 'spending_trend',
  ...window,
  earlier: monthsFrom('2026-05', '10000', '10000', '10001'),
  recent: monthsFrom('2026-08', '15000', '16000', '14000'),
  trendPct: 49.995,
};
const volatility: Evidence = {
  type: 'spending_volatility',
  ...window,
  months: monthsFrom('2026-07', '40000', '1000', '20000', '11000'),
  volatility: 0.9,
};
const consolidation: Evidence = {
  type: 'merchant_consolidation',
  ...window,
  targetKey: 'ALPHA',
  elsewhereMinor: '50100',
  rate: '0.045',
};

const render = (evidence: Evidence, locale = 'en', category = 'Groceries') =>
  recommendationMessage({ category, currency: 'USD', savingMinor: 810n, evidence }, locale);

describe('the text', () => {
  test('of a consolidation names the merchants', () => {
    expect(render(consolidation)).toEqual({
      title: 'Groceries: about $8.10 a month to save',
      description:
        '$501.00 of $1,001.00 went to 3 merchants other than Alpha from August 13, 2026 to November 10, 2026. Whether one place is cheaper was not measured.',
      actionItems: [
        'See whether Alpha has what you get at Beta, $300.00 in 90 days.',
        'See whether Alpha has what you get at Gamma, $200.00 in 90 days.',
        'Ask at Alpha for a loyalty card or a better price: $500.00 in 90 days is worth one.',
      ],
    });
  });

  test('of a rise says how much of it will probably stay', () => {
    expect(render({ ...trend, z: 2.5, deviationMinor: '2000' }).description).toBe(
      '$150.00 a month from August 2026 to October 2026, $100.00 a month from May 2026 to July 2026, without recurring charges. Part of such a rise usually fades by itself. About $8.10 a month of it will probably stay unless you spend less.',
    );
  });

  test('of a trend of the version before names the months', () => {
    expect(render(trend)).toEqual({
      title: 'Groceries: 50% more a month than before',
      description:
        '$150.00 a month from August 2026 to October 2026, $100.00 a month from May 2026 to July 2026. Back there, $8.10 a month would be left.',
      actionItems: [
        'Aim for $100.00 a month, as from May 2026 to July 2026.',
        'Look at September 2026 first: $160.00 in 2 purchases.',
        'Begin where most goes: Alpha, $500.00 in 90 days.',
      ],
    });
  });

  test('of spending that more than doubled offers a budget for it or a way back', () => {
    const begun = { ...trend, recent: monthsFrom('2026-08', '15000', '16000', '29100'), trendPct: 100.33 };
    expect(render(begun)).toMatchObject({
      title: 'Groceries: $200.33 a month, $100.00 before',
      actionItems: [
        'Look at October 2026 first: $291.00 in 3 purchases.',
        'Begin where most goes: Alpha, $500.00 in 90 days.',
        'If it is there to stay, give it a budget: $200.33 a month.',
        'If it is not, aim for $100.00 a month, as from May 2026 to July 2026.',
      ],
    });
    expect(render({ ...begun, trendPct: 100 }).title).toBe('Groceries: 100% more a month than before');
  });

  test('of uneven months names the peaks', () => {
    expect(render(volatility)).toEqual({
      title: 'Groceries: from $10.00 to $400.00 a month',
      description:
        '$180.00 a month on average, but $10.00 in August 2026 and $400.00 in July 2026. Without the peaks, about $8.10 a month would be left.',
      actionItems: [
        'Plan with $180.00 a month, what it comes to on average.',
        'Look at July 2026 first: $400.00 in 1 purchase.',
        'Begin where most goes: Alpha, $500.00 in 90 days.',
      ],
    });
  });

  test('has no merchant to look at if no expense names one', () => {
    expect(render({ ...trend, merchants: [] }).actionItems).toHaveLength(2);
  });

  test('formats figures in the reader’s locale', () => {
    const { title, description } = render(consolidation, 'de');
    expect(title).toBe('Groceries: about 8,10\u00a0$ a month to save');
    expect(description).toContain('501,00\u00a0$ of 1.001,00\u00a0$');
    expect(description).toContain('13. August 2026');
  });

  test('keeps names on one line', () => {
    const broken = merchants.map((each) => ({ ...each, name: each.name.replace('Be', 'Be\n') }));
    const [beta] = render({ ...consolidation, merchants: broken }).actionItems;
    expect(beta).toContain('get at Be ta,');
    expect(render(trend, 'en', 'Gro\u2028ceries').title).toMatch(/^Gro ceries: /);
  });

  test.each([consolidation, trend, volatility])(
    'has two to four different action items for $type',
    (evidence) => {
      const { actionItems } = render(evidence);
      expect(new Set(actionItems).size).toBe(actionItems.length);
      expect(actionItems.length).toBeGreaterThanOrEqual(2);
      expect(actionItems.length).toBeLessThanOrEqual(4);
    },
  );
});
