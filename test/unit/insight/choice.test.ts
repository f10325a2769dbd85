import { describe, expect, test } from 'vitest';
import type { Evidence } from '../../../src/insight/decide/suggestion.ts';
import { expiryOf, type Known, reconcile } from '../../../src/insight/decide/lifecycle.ts';
import {
  choose,
  type KindAnswers,
  limitsFrom,
  rank,
  type Ranked,
} from '../../../src/insight/decide/choice.ts';

const now = Temporal.Instant.from('2026-11-10T12:00:00Z');
const type = 'spending_trend';

const worth = (categoryId: string, value: number): Ranked => ({
  categoryId,
  currency: 'USD',
  savingMinor: 1000n,
  savingsPct: 5,
  confidence: 0.8,
  difficulty: 'easy',
  worth: value,
  evidence: { type, firstDay: '', lastDay: '', merchants: [], earlier: [], recent: [], trendPct: 20 },
});

const answers = (change: Partial<KindAnswers> = {}): KindAnswers => ({
  type,
  categoryId: 'food',
  accepted: 0,
  dismissed: 0,
  dismissedAt: null,
  made: 0,
  ...change,
});

const namesOf = (all: Iterable<Ranked>) => [...all].map(({ categoryId }) => categoryId);
const chooseFrom = (open: Ranked[], closed: Ranked[], { newLeft = 2, resting = '', reopened = '' } = {}) => {
  const isReopened = ({ categoryId }: Ranked) => categoryId === reopened;
  const { chosen, displaced } = choose(
    { open, closed, isReopened },
    { newLeft, resting: new Set([resting]) },
  );
  return [namesOf(chosen), namesOf(displaced)];
};

describe('the rank', () => {
  test.each([
    // 1000 × 0.8 × (1 + accepted) / (4 + accepted + dismissed).
    [[], 200],
    [[answers({ accepted: 2 })], 400],
    [[answers({ dismissed: 4 }), answers({ categoryId: 'fun', accepted: 1 })], 178],
    [[answers({ type: 'merchant_consolidation', dismissed: 9 })], 200],
  ])('after the answers %o is %s', (given, ranked) => {
    expect(rank(worth('food', 0), given).worth).toBe(ranked);
  });
});

describe('the limits', () => {
  test('leave two new ones in 30 days', () => {
    expect(limitsFrom([], now).newLeft).toBe(2);
    expect(limitsFrom([answers({ made: 1 })], now).newLeft).toBe(1);
    expect(limitsFrom([answers({ made: 1 }), answers({ categoryId: 'fun', made: 2 })], now).newLeft).toBe(0);
  });

  test.each([
    [1, 0, false],
    [2, 0, true],
    [2, 24 * 182 - 1, true],
    [2, 24 * 182, false],
  ])('let a kind dismissed %s times, last %s hours ago, rest: %s', (dismissed, hours, rests) => {
    const given = answers({ dismissed, dismissedAt: now.subtract({ hours }) });
    expect(limitsFrom([given], now).resting.has('spending_trend food')).toBe(rests);
  });
});

describe('of the suggestions', () => {
  const [a, b, c, d] = [worth('a', 400), worth('b', 300), worth('c', 200), worth('d', 100)];

  test('at most two are new at once, those worth most', () => {
    expect(chooseFrom([], [d, b, a, c])).toEqual([['a', 'b'], []]);
    expect(chooseFrom([], [a, b], { newLeft: 1 })).toEqual([['a'], []]);
    expect(chooseFrom([], [a, b], { newLeft: 0 })).toEqual([[], []]);
  });

  test('at most three are open', () => {
    expect(chooseFrom([a, b], [c, d])).toEqual([['c'], []]);
    expect(chooseFrom([a, b, c], [d])).toEqual([[], []]);
    expect(chooseFrom([a, b, c, d], [])).toEqual([[], ['d']]);
  });

  test('the weakest gives way to one worth half as much again', () => {
    expect(chooseFrom([a, b, c], [worth('e', 299)])).toEqual([[], []]);
    expect(chooseFrom([a, b, c], [worth('e', 300)])).toEqual([['e'], ['c']]);
    expect(chooseFrom([b, c, d], [worth('e', 900), worth('f', 800)])).toEqual([
      ['e', 'f'],
      ['d', 'c'],
    ]);
  });

  test('one that comes back is not new, and one that rests does not come', () => {
    expect(chooseFrom([], [a, b], { newLeft: 0, reopened: 'b' })).toEqual([['b'], []]);
    expect(chooseFrom([], [a, b], { resting: 'spending_trend a' })).toEqual([['b'], []]);
  });
});

describe('of the recommendations', () => {
  const limits = { newLeft: 2, resting: new Set<string>() };
  const nothing = { insert: [], refresh: [], withdraw: [] };
  const known = (each: Ranked, change: Partial<Known> = {}): Known => ({
    ...each,
    id: each.categoryId,
    status: 'suggested',
    isMeasured: false,
    isWithdrawn: false,
    createdAt: now,
    expiresAt: expiryOf(now),
    ...change,
  });

  test('none is made while another of its category is accepted and not measured', () => {
    const found = worth('food', 100);
    const { firstDay, lastDay, merchants } = found.evidence;
    const evidence: Evidence = {
      type: 'spending_volatility',
      firstDay,
      lastDay,
      merchants,
      months: [],
      volatility: 1,
    };
    const accepted = known(found, { status: 'accepted', evidence });
    expect(reconcile([found], [accepted], now, limits)).toEqual(nothing);
    expect(reconcile([found], [{ ...accepted, isMeasured: true }], now, limits).insert).toEqual([found]);
  });

  test('the weakest of three is withdrawn for one worth half as much again', () => {
    const four = ['a', 'b', 'c', 'd'].map((categoryId, at) => worth(categoryId, 400 - 100 * at));
    const open = four.slice(0, 3).map((each) => known(each));
    expect(reconcile(four, open, now, limits)).toEqual(nothing);
    const better = worth('e', 300);
    const withBetter = reconcile([...four, better], open, now, limits);
    expect(withBetter).toEqual({ insert: [better], refresh: [], withdraw: ['c'] });
    expect(reconcile([...four, better], open, now, { ...limits, newLeft: 0 })).toEqual(nothing);
  });
});

test('a suggestion expires after 45 days', () => {
  expect(expiryOf(now).toString()).toBe('2026-12-25T12:00:00Z');
});
