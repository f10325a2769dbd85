import { describe, expect, test } from 'vitest';
import { type NotificationFacts, wordsFor } from '../../src/domain/notification.ts';

const groceries: NotificationFacts = {
  type: 'budget_alert',
  ruleName: 'Groceries',
  categoryId: 'groceries',
  periodKind: 'monthly',
  period: { start: '2026-11-01', end: '2026-12-01' },
  phase: 'current',
  today: '2026-11-21',
  level: 100,
  severity: 'danger',
  spentMinor: 41_230n,
  budgetMinor: 40_000n,
  currency: 'USD',
};

describe('an alert in the current period', () => {
  test('names the percent first, then the amounts and what is left of the period', () => {
    expect(wordsFor(groceries)).toEqual({
      title: 'Groceries: 103 % of the monthly budget',
      text: 'Groceries: 412.30 of 400.00 USD, nine days to go.',
    });
  });

  test.each([
    ['2026-11-30', 'last day'],
    ['2026-11-29', 'one day to go'],
    ['2026-11-18', 'twelve days to go'],
    ['2026-11-17', '13 days to go'],
    ['2026-11-01', '29 days to go'],
  ])('on %s: %s', (today, ending) => {
    expect(wordsFor({ ...groceries, today }).text).toBe(`Groceries: 412.30 of 400.00 USD, ${ending}.`);
  });

  test('a daily budget speaks of today', () => {
    const period = { start: '2026-11-21', end: '2026-11-22' };
    expect(wordsFor({ ...groceries, periodKind: 'daily', period })).toEqual({
      title: 'Groceries: 103 % of the daily budget',
      text: 'Groceries: 412.30 of 400.00 USD today.',
    });
  });

  test('counts the days of a year across its months', () => {
    const period = { start: '2026-01-01', end: '2027-01-01' };
    expect(wordsFor({ ...groceries, periodKind: 'yearly', period }).text).toContain('40 days to go');
  });

  test.each([
    [39_999n, 99n],
    [40_000n, 100n],
    [40_399n, 100n],
    [1_000_000_000_000_000n, 2_500_000_000_000n],
  ])('%d of 40000 is %d %%, rounded down', (spentMinor, percent) => {
    expect(wordsFor({ ...groceries, spentMinor }).title).toContain(`: ${percent} %`);
  });

  test('shows the digits of the currency', () => {
    const yen = { ...groceries, currency: 'JPY' };
    expect(wordsFor(yen).text).toBe('Groceries: 41230 of 40000 JPY, nine days to go.');
  });
});

describe('an alert in a past period names it', () => {
  test.each([
    ['daily', '2026-11-21', '2026-11-22', '21 November 2026'],
    ['weekly', '2026-11-16', '2026-11-23', 'week of 16 November 2026'],
    ['monthly', '2026-10-01', '2026-11-01', 'October 2026'],
    ['quarterly', '2026-07-01', '2026-10-01', 'third quarter of 2026'],
    ['quarterly', '2026-10-01', '2027-01-01', 'fourth quarter of 2026'],
    ['yearly', '2026-01-01', '2027-01-01', '2026'],
  ] as const)('%s from %s', (periodKind, start, end, name) => {
    const facts = { ...groceries, periodKind, period: { start, end }, phase: 'past' as const };
    expect(wordsFor(facts)).toEqual({
      title: `Groceries, ${name}: 103 % of the ${periodKind} budget`,
      text: `Groceries, ${name}: 412.30 of 400.00 USD.`,
    });
  });
});

describe('a recovery', () => {
  const recovery: NotificationFacts = { ...groceries, type: 'recovery', level: 95, spentMinor: 37_000n };

  test('says which level it fell below', () => {
    expect(wordsFor(recovery)).toEqual({
      title: 'Groceries is back below 95 %',
      text: 'Groceries is back below 95 %: 370.00 of 400.00 USD, nine days to go.',
    });
  });

  test('in a past period names it', () => {
    const period = { start: '2026-10-01', end: '2026-11-01' };
    expect(wordsFor({ ...recovery, period, phase: 'past' }).text).toBe(
      'Groceries, October 2026, is back below 95 %: 370.00 of 400.00 USD.',
    );
  });

  test('shows refunds beyond what was spent as they are', () => {
    expect(wordsFor({ ...recovery, spentMinor: -500n }).text).toContain(': -5.00 of 400.00 USD');
  });
});
