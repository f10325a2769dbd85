import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  expiryOf,
  type Known,
  reconcile as reconcileWithin,
  statusAt,
} from '../../../src/insight/decide/lifecycle.ts';
import type { Ranked } from '../../../src/insight/decide/choice.ts';
import type { Evidence } from '../../../src/insight/decide/suggestion.ts';

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

const suggestion = (change: Partial<Ranked> = {}): Ranked => ({
  categoryId: 'food',
  currency: 'USD',
  savingMinor: 1000n,
  savingsPct: 5,
  confidence: 0.6,
  difficulty: 'easy',
  worth: 100,
  evidence: trend,
  ...change,
});

const known = (change: Partial<Known> = {}): Known => ({
  ...suggestion(),
  id: 'known',
  status: 'suggested',
  isMeasured: false,
  isWithdrawn: false,
  createdAt: now.subtract({ hours: 24 }),
  expiresAt: now.add({ hours: 24 }),
  ...change,
});

const limits = { newLeft: 2, resting: new Set<string>() };
const reconcile = (found: Ranked[], all: Known[], at: Temporal.Instant) =>
  reconcileWithin(found, all, at, limits);

const nothing = { insert: [], refresh: [], withdraw: [] };

describe('a suggestion', () => {
  test('becomes a new row if there is none of its kind', () => {
    const found = suggestion();
    expect(reconcile([found], [], now)).toEqual({ ...nothing, insert: [found] });
    const others = [known({ categoryId: 'fun' }), known({ evidence: consolidation('aldi') })];
    expect(reconcile([found], others, now)).toMatchObject({ insert: [found], refresh: [] });
  });

  test('that is open and unchanged is not written, even if its JSON members are in another order', () => {
    const evidence = Object.fromEntries(Object.entries(trend).toReversed()) as Evidence;
    expect(reconcile([suggestion()], [known({ evidence })], now)).toEqual(nothing);
  });

  test.each<[string, Partial<Ranked>]>([
    ['saving', { savingMinor: 1001n }],
    ['share', { savingsPct: 5.1 }],
    ['confidence', { confidence: 0.61 }],
    ['difficulty', { difficulty: 'hard' }],
    ['rank', { worth: 101 }],
    ['evidence', { evidence: { ...trend, lastDay: '2026-11-11' } }],
  ])('that is open is refreshed when its %s changes', (_, change) => {
    const found = suggestion(change);
    expect(reconcile([found], [known()], now)).toEqual({
      ...nothing,
      refresh: [{ id: 'known', suggestion: found, expiresAt: known().expiresAt }],
    });
  });

  test('that the spending no longer supports is withdrawn, unless it was decided', () => {
    expect(reconcile([], [known()], now)).toEqual({ ...nothing, withdraw: ['known'] });
    for (const status of ['accepted', 'dismissed', 'expired'] as const)
      expect(reconcile([], [known({ status })], now)).toEqual(nothing);
  });

  test('makes no new row beside an accepted one until that is measured', () => {
    const found = suggestion({ savingMinor: 1_000_000n });
    expect(reconcile([found], [known({ status: 'accepted' })], now)).toEqual(nothing);
    const measured = known({ status: 'accepted', isMeasured: true });
    expect(reconcile([suggestion()], [measured], now)).toEqual({ ...nothing, insert: [suggestion()] });
  });
});

describe.each(['dismissed', 'expired'] as const)('a recommendation in the status %s', (status) => {
  test.each([
    [1000n, false],
    [1499n, false],
    [1500n, true],
    [2000n, true],
  ])('returns with a saving of %s instead of 1000: %s', (savingMinor, isBack) => {
    const found = suggestion({ savingMinor });
    expect(reconcile([found], [known({ status })], now).insert).toEqual(isBack ? [found] : []);
  });

  test('returns with another target merchant', () => {
    const before = known({ status, evidence: consolidation('aldi') });
    const same = suggestion({ evidence: consolidation('aldi') });
    const other = suggestion({ evidence: consolidation('lidl') });
    expect(reconcile([same], [before], now).insert).toEqual([]);
    expect(reconcile([other], [before], now).insert).toEqual([other]);
  });

  test('is compared by the latest of its kind', () => {
    const first = known({ id: 'first', status, savingMinor: 1000n, createdAt: now.subtract({ hours: 99 }) });
    const last = known({ id: 'last', status, savingMinor: 3000n });
    const found = suggestion({ savingMinor: 2000n });
    expect(reconcile([found], [first, last], now)).toEqual(nothing);
    expect(reconcile([found], [last, first], now)).toEqual(nothing);
  });
});

test('a recommendation that expired without an answer returns 45 days after its expiry', () => {
  const found = suggestion();
  const back = known().expiresAt.add({ hours: 24 * 45 });
  const justBefore = back.subtract({ milliseconds: 1 });
  for (const status of ['expired', 'suggested'] as const) {
    expect(reconcile([found], [known({ status })], justBefore).insert).toEqual([]);
    expect(reconcile([found], [known({ status })], back).insert).toEqual([found]);
  }
  expect(reconcile([found], [known({ status: 'dismissed' })], back).insert).toEqual([]);
});

describe('a dismissed recommendation', () => {
  const at = (target: string, savingMinor = 1000n): Ranked =>
    suggestion({ savingMinor, evidence: consolidation(target) });
  const earlier = (change: Partial<Known>): Known =>
    known({ id: 'earlier', status: 'dismissed', createdAt: now.subtract({ hours: 99 }), ...change });

  test('does not return by replacing an open one', () => {
    const open = known(at('lidl', 1001n));
    const dismissed = earlier(at('aldi'));
    expect(reconcile([at('aldi', 1499n)], [dismissed, open], now)).toEqual({
      ...nothing,
      withdraw: ['known'],
    });
    const larger = at('aldi', 1500n);
    expect(reconcile([larger], [dismissed, open], now).refresh).toMatchObject([{ suggestion: larger }]);
  });

  test('does not return in turns with another dismissed one', () => {
    const both = [earlier(at('aldi')), known({ ...at('lidl'), status: 'dismissed' })];
    for (const target of ['aldi', 'lidl']) expect(reconcile([at(target)], both, now)).toEqual(nothing);
    expect(reconcile([at('tesco')], both, now).insert).toEqual([at('tesco')]);
  });

  test.each<[string, Partial<Known>]>([
    ['was withdrawn', { status: 'expired', isWithdrawn: true }],
    ['expired without an answer', { status: 'expired' }],
    ['was accepted and measured', { status: 'accepted', isMeasured: true }],
  ])('does not return after a later one %s', (_, change) => {
    const latest = known({ savingMinor: 100n, ...change });
    const dismissed = earlier({ savingMinor: 1000n });
    expect(reconcile([suggestion({ savingMinor: 1499n })], [dismissed, latest], now)).toEqual(nothing);
  });

  test('withdraws an open one whose saving shrinks below the limit', () => {
    const open = known({ savingMinor: 1500n });
    const found = suggestion({ savingMinor: 1499n });
    expect(reconcile([found], [earlier({}), open], now)).toEqual({ ...nothing, withdraw: ['known'] });
  });
});

describe('a withdrawn recommendation', () => {
  const withdrawn = (change: Partial<Known> = {}): Known =>
    known({ status: 'expired', isWithdrawn: true, savingMinor: 300_000n, ...change });

  test('opens again for 45 days if its kind is suggested before its expiry', () => {
    const found = suggestion({ savingMinor: 20_000n });
    const refresh = [{ id: 'known', suggestion: found, expiresAt: expiryOf(now) }];
    expect(reconcile([found], [withdrawn()], now)).toEqual({ ...nothing, refresh });
    const same = suggestion({ savingMinor: 300_000n });
    expect(reconcile([same], [withdrawn()], now).refresh).toMatchObject([{ id: 'known' }]);
  });

  test('allows a new one after its expiry, even with a smaller saving', () => {
    const found = suggestion({ savingMinor: 20_000n });
    expect(reconcile([found], [withdrawn({ expiresAt: now })], now)).toEqual({ ...nothing, insert: [found] });
  });
});

test('a suggestion past its expiry is expired at once and does not block a larger one', () => {
  const over = known({ expiresAt: now });
  expect(reconcile([suggestion()], [over], now)).toEqual({ ...nothing, withdraw: ['known'] });
  const larger = suggestion({ savingMinor: 1500n });
  expect(reconcile([larger], [over], now)).toEqual({ ...nothing, insert: [larger], withdraw: ['known'] });
  const last = known({ expiresAt: now.add({ milliseconds: 1 }) });
  expect(reconcile([suggestion()], [last], now)).toEqual(nothing);
  expect([statusAt(over, now), statusAt(last, now)]).toEqual(['expired', 'suggested']);
  expect(statusAt(known({ status: 'accepted', expiresAt: now }), now)).toBe('accepted');
});

/** A simulation of the stored recommendations. */
class Stored {
  readonly rows: Known[] = [];
  now = now;

  rebuild(suggestions: Ranked[]): void {
    const { insert, refresh, withdraw } = reconcile(suggestions, this.rows, this.now);
    for (const id of withdraw) {
      const isWithdrawn = statusAt(this.#row(id), this.now) === 'suggested';
      Object.assign(this.#row(id), { status: 'expired', isWithdrawn });
    }
    for (const { id, suggestion: figures, expiresAt } of refresh)
      Object.assign(this.#row(id), figures, { status: 'suggested', isWithdrawn: false, expiresAt });
    for (const each of insert) this.rows.push(this.#made(each));
  }

  #made(each: Ranked): Known {
    const id = String(this.rows.length).padStart(4, '0');
    return known({ ...each, id, createdAt: this.now, expiresAt: expiryOf(this.now) });
  }

  #row(id: string): Known {
    const found = this.rows.find((each) => each.id === id);
    if (!found) throw new Error(`no ${id}`);
    return found;
  }

  get open(): Known[] {
    return this.rows.filter((each) => statusAt(each, this.now) === 'suggested');
  }

  /**
   * Open recommendations of the same kind and target as a dismissed one that would not save materially more.
   */
  get unwanted(): Known[] {
    const dismissed = this.rows.filter(({ status }) => status === 'dismissed');
    return this.open.filter((open) =>
      dismissed.some(
        (each) => targetOf(each) === targetOf(open) && 2n * open.savingMinor < 3n * each.savingMinor,
      ),
    );
  }

  decide(change: Partial<Known>): void {
    for (const each of this.open) Object.assign(each, change);
  }

  measure(): void {
    for (const each of this.rows) each.isMeasured = each.status === 'accepted';
  }

  wait(days: number): void {
    this.now = this.now.add({ hours: 24 * days });
  }
}

const targetOf = ({ evidence }: Ranked) => ('targetKey' in evidence ? evidence.targetKey : null);

const found = fc.record({
  savingMinor: fc.constantFrom(50n, 90n, 100n, 101n, 149n, 150n, 225n, 400n),
  evidence: fc.constantFrom(...['aldi', 'lidl', 'tesco'].map(consolidation), trend),
});
const steps = fc.array(
  fc.oneof(
    { weight: 2, arbitrary: found.map((change) => (stored: Stored) => stored.rebuild([suggestion(change)])) },
    fc.constantFrom(
      (stored: Stored) => stored.rebuild([]),
      (stored: Stored) => stored.decide({ status: 'dismissed' }),
      (stored: Stored) => stored.decide({ status: 'accepted' }),
      (stored: Stored) => stored.measure(),
      (stored: Stored) => stored.wait(1),
      (stored: Stored) => stored.wait(30),
    ),
  ),
  { maxLength: 40 },
);

test('no open recommendation is ever similar to a dismissed one', () => {
  fc.assert(
    fc.property(steps, (chosen) => {
      const stored = new Stored();
      for (const step of chosen) {
        step(stored);
        expect(stored.unwanted).toEqual([]);
      }
    }),
    { numRuns: 2000 },
  );
});

test('a suggestion that comes and goes each day stays one row', () => {
  const stored = new Stored();
  for (let day = 0; day < 365; day++) {
    stored.rebuild(day % 2 === 0 ? [suggestion({ savingMinor: BigInt(500 + day) })] : []);
    stored.wait(1);
  }
  expect(stored.rows).toHaveLength(1);
});
