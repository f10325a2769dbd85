import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  applyEvents,
  type Contribution,
  contributionOf,
  type Expense,
  type ExpenseEvent,
  type ExpenseFacts,
  overtakes,
} from '../../../src/alerts/decide/apply-events.ts';
import { localDay } from '../../../src/values/period.ts';

const coffee: ExpenseFacts = {
  userId: 'p01',
  categoryId: 'coffee',
  merchant: null,
  description: null,
  amountMinor: 450n,
  currency: 'USD',
  spentAt: Temporal.Instant.from('2026-11-10T09:00:00Z'),
};

function event(
  id: string,
  minute: number,
  expense: Partial<ExpenseFacts> | null,
  source = 'api',
): ExpenseEvent {
  const time = Temporal.Instant.from('2026-11-10T10:00:00Z').add({ minutes: minute });
  return {
    tenantId: 't',
    source,
    id,
    time,
    expenseId: 'x',
    expense: expense && { ...coffee, ...expense },
  };
}

const dayOf = (_tenant: string, { spentAt }: ExpenseFacts) => localDay(spentAt, 'UTC');
const apply = (events: readonly ExpenseEvent[], current = new Map<string, Expense>()) =>
  applyEvents(events, current, dayOf);
const endOf = (events: readonly ExpenseEvent[]) => apply(events).expenses.get('t x');
const short = (part: Contribution | null) => part && `${part.userId} ${part.categoryId} ${part.amountMinor}`;

describe('an event of an expense', () => {
  test.each<[string, ExpenseEvent, ExpenseEvent, boolean]>([
    ['wins with a later time', event('a', 1, {}), event('z', 0, {}), true],
    ['does not win with an earlier time', event('z', 0, {}), event('a', 1, {}), false],
    ['wins with the same time and a greater id', event('b', 0, {}), event('a', 0, {}), true],
    ['does not win with the same time and a lesser id', event('a', 0, {}), event('b', 0, {}), false],
    ['does not win over itself', event('a', 0, {}), event('a', 0, {}), false],
    [
      'wins with the same time and id and a greater source',
      event('a', 0, {}, 's2'),
      event('a', 0, {}, 's1'),
      true,
    ],
    [
      'does not win with the same time and id and a lesser source',
      event('a', 0, {}, 's1'),
      event('a', 0, {}, 's2'),
      false,
    ],
  ])('%s', (_name, later, earlier, wins) => {
    expect(overtakes(later, endOf([earlier]))).toBe(wins);
  });

  test('wins with a time one microsecond later', () => {
    const first = event('b', 0, {});
    const next = { ...event('a', 0, {}), time: first.time.add({ microseconds: 1 }) };
    expect(overtakes(next, endOf([first]))).toBe(true);
  });
});

describe('events in the wrong order', () => {
  const created = event('1', 0, { amountMinor: 100n });
  const edited = event('2', 1, { amountMinor: 250n });
  const deleted = event('3', 2, null);

  test('keep an edit that comes before the creation', () => {
    expect(endOf([edited, created])?.facts?.amountMinor).toBe(250n);
    expect(apply([edited, created]).changes).toHaveLength(1);
  });

  test('leave nothing to count if the deletion comes before the creation', () => {
    const { expenses, changes } = apply([deleted, created, edited]);
    expect(expenses.get('t x')).toMatchObject({ facts: null, eventId: '3' });
    expect(changes).toEqual([{ expenseId: 'x', before: null, after: null }]);
  });

  test('are ignored if the expense is stored as deleted', () => {
    const stored = apply([deleted]).expenses;
    expect(apply([created, edited], stored)).toEqual({ expenses: new Map(), changes: [] });
  });

  test('count a creation that is later than the deletion', () => {
    const { changes } = apply([created, deleted, event('4', 3, { amountMinor: 7n })]);
    expect(changes.map(({ before, after }) => [before?.amountMinor, after?.amountMinor])).toEqual([
      [undefined, 100n],
      [100n, undefined],
      [undefined, 7n],
    ]);
  });

  test('end in the same expense and the same net change in any order and with any repeats', () => {
    const amount = fc.option(fc.bigInt({ min: -500n, max: 500n }), { nil: null, freq: 5 });
    const streams = fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), amount), {
      minLength: 1,
      maxLength: 8,
    });
    const shuffled = streams.chain((drafts) => {
      const events = drafts.map(([minute, amountMinor], index) =>
        event(`${index}`, minute, amountMinor === null ? null : { amountMinor }),
      );
      const repeats = fc.array(fc.constantFrom(...events), { maxLength: 4 });
      const all = repeats.chain((extra) => {
        const whole = [...events, ...extra];
        return fc.shuffledSubarray(whole, { minLength: whole.length });
      });
      return fc.tuple(fc.constant(events), all);
    });
    fc.assert(
      fc.property(shuffled, ([events, all]) => {
        const winner = events.toSorted(
          (a, b) => Temporal.Instant.compare(a.time, b.time) || (a.id < b.id ? -1 : 1),
        );
        const { expenses, changes } = apply(all);
        expect(expenses.get('t x')?.eventId).toBe(winner.at(-1)?.id);
        const net = changes.reduce(
          (sum, { before, after }) => sum + (after?.amountMinor ?? 0n) - (before?.amountMinor ?? 0n),
          0n,
        );
        expect(net).toBe(winner.at(-1)?.expense?.amountMinor ?? 0n);
      }),
      { seed: 9, numRuns: 300 },
    );
  });
});

describe('an edit', () => {
  test.each<[string, Partial<ExpenseFacts>, Partial<Contribution>]>([
    ['to another category', { categoryId: 'rent' }, { categoryId: 'rent' }],
    ['to another person', { userId: 'p02' }, { userId: 'p02' }],
    ['to another day', { spentAt: Temporal.Instant.from('2026-11-09T23:59:59Z') }, { day: '2026-11-09' }],
    ['to another currency', { currency: 'EUR' }, { currency: 'EUR' }],
    ['to another amount', { amountMinor: -450n }, { amountMinor: -450n }],
  ])('moves an expense %s', (_name, edit, moved) => {
    const before = contributionOf(endOf([event('1', 0, {})]));
    const { changes } = apply([event('1', 0, {}), event('2', 1, edit)]);
    expect(changes[1]).toEqual({ expenseId: 'x', before, after: { ...before, ...moved } });
  });

  test('moves an expense from where it is stored, step by step', () => {
    const stored = apply([event('1', 0, {})]).expenses;
    const { changes } = apply(
      [event('2', 1, { categoryId: 'rent' }), event('3', 2, { userId: 'p02' })],
      stored,
    );
    expect(changes.map(({ before, after }) => [short(before), short(after)])).toEqual([
      ['p01 coffee 450', 'p01 rent 450'],
      ['p01 rent 450', 'p02 coffee 450'],
    ]);
  });

  test('leaves the expense with the same id of another tenant alone', () => {
    const { expenses, changes } = apply([event('1', 0, {}), { ...event('1', 0, null), tenantId: 'u' }]);
    expect([...expenses.keys()]).toEqual(['t x', 'u x']);
    expect(changes).toHaveLength(2);
  });
});
