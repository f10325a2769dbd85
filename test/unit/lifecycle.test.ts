import { describe, expect, test } from 'vitest';
import { expiryOf, type Known, reconcile, statusAt } from '../../src/domain/insight/lifecycle.ts';
import type { Evidence, Suggestion } from '../../src/domain/insight/suggestion.ts';

const now = Temporal.Instant.from('2026-11-10T12:00:00Z');
const window = { firstDay: '2026-08-13', lastDay: '2026-11-10', merchants: [] };

const trend: Evidence = { type: 'spending_trend', ...window, earlier: [], recent: [], trendPct: 20 };
const consolidation = (targetKey: string): Evidence => ({
  type: 'merchant_consolidation',
  ...window,
  targetKey,
  elsewhereMinor: '40000',
  rate: '0.050000',
});

const suggestion = (change: Partial<Suggestion> = {}): Suggestion => ({
  categoryId: 'food',
  currency: 'USD',
  savingMinor: 1000n,
  savingsPct: 5,
  confidence: 0.6,
  difficulty: 'easy',
  evidence: trend,
  ...change,
});

const known = (change: Partial<Known> = {}): Known => ({
  ...suggestion(),
  id: 'known',
  status: 'suggested',
  isMeasured: false,
  createdAt: now.subtract({ hours: 24 }),
  expiresAt: now.add({ hours: 24 }),
  ...change,
});

const nothing = { insert: [], refresh: [], withdraw: [] };

describe('a suggestion', () => {
  test('is made where there is none like it', () => {
    const found = suggestion();
    expect(reconcile([found], [], now)).toEqual({ ...nothing, insert: [found] });
    const others = [known({ categoryId: 'fun' }), known({ evidence: consolidation('aldi') })];
    expect(reconcile([found], others, now)).toMatchObject({ insert: [found], refresh: [] });
  });

  test('that is open and the same is left alone, however its members are ordered', () => {
    const evidence = Object.fromEntries(Object.entries(trend).toReversed()) as Evidence;
    expect(reconcile([suggestion()], [known({ evidence })], now)).toEqual(nothing);
  });

  test.each<[string, Partial<Suggestion>]>([
    ['saving', { savingMinor: 1001n }],
    ['share', { savingsPct: 5.1 }],
    ['confidence', { confidence: 0.61 }],
    ['difficulty', { difficulty: 'hard' }],
    ['evidence', { evidence: { ...trend, lastDay: '2026-11-11' } }],
  ])('that is open is refreshed with another %s', (_, change) => {
    const found = suggestion(change);
    expect(reconcile([found], [known()], now)).toEqual({
      ...nothing,
      refresh: [{ id: 'known', suggestion: found }],
    });
  });

  test('whose picture is gone is withdrawn, what was decided stays', () => {
    expect(reconcile([], [known()], now)).toEqual({ ...nothing, withdraw: ['known'] });
    for (const status of ['accepted', 'dismissed', 'expired'] as const)
      expect(reconcile([], [known({ status })], now)).toEqual(nothing);
  });

  test('is not made beside an accepted one until that is measured', () => {
    const found = suggestion({ savingMinor: 1_000_000n });
    expect(reconcile([found], [known({ status: 'accepted' })], now)).toEqual(nothing);
    const measured = known({ status: 'accepted', isMeasured: true });
    expect(reconcile([suggestion()], [measured], now)).toEqual({ ...nothing, insert: [suggestion()] });
  });
});

describe.each(['dismissed', 'expired'] as const)('one that was %s', (status) => {
  test.each([
    [1000n, false],
    [1499n, false],
    [1500n, true],
    [2000n, true],
  ])('comes back with a saving of %s instead of 1000: %s', (savingMinor, isBack) => {
    const found = suggestion({ savingMinor });
    expect(reconcile([found], [known({ status })], now).insert).toEqual(isBack ? [found] : []);
  });

  test('comes back with another target', () => {
    const before = known({ status, evidence: consolidation('aldi') });
    const same = suggestion({ evidence: consolidation('aldi') });
    const other = suggestion({ evidence: consolidation('lidl') });
    expect(reconcile([same], [before], now).insert).toEqual([]);
    expect(reconcile([other], [before], now).insert).toEqual([other]);
  });

  test('is compared with the last of its kind', () => {
    const first = known({ id: 'first', status, savingMinor: 1000n, createdAt: now.subtract({ hours: 99 }) });
    const last = known({ id: 'last', status, savingMinor: 3000n });
    const found = suggestion({ savingMinor: 2000n });
    expect(reconcile([found], [first, last], now)).toEqual(nothing);
    expect(reconcile([found], [last, first], now)).toEqual(nothing);
  });
});

test('one whose time is over is expired at once, and does not keep another away', () => {
  const over = known({ expiresAt: now });
  expect(reconcile([suggestion()], [over], now)).toEqual({ ...nothing, withdraw: ['known'] });
  const larger = suggestion({ savingMinor: 1500n });
  expect(reconcile([larger], [over], now)).toEqual({ ...nothing, insert: [larger], withdraw: ['known'] });
  const last = known({ expiresAt: now.add({ milliseconds: 1 }) });
  expect(reconcile([suggestion()], [last], now)).toEqual(nothing);
  expect([statusAt(over, now), statusAt(last, now)]).toEqual(['expired', 'suggested']);
  expect(statusAt(known({ status: 'accepted', expiresAt: now }), now)).toBe('accepted');
});

test('it is kept for 30 days', () => {
  expect(expiryOf(now).toString()).toBe('2026-12-10T12:00:00Z');
});
