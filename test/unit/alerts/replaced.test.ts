/** An event that replaces another expense: a deletion and a new expense in one step, in whatever order events come. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  applyEvents,
  contributionOf,
  type Expense,
  type ExpenseFacts,
  type StoredEvent,
} from '../../../src/alerts/decide/apply-events.ts';
import { dailyDeltas } from '../../../src/alerts/decide/spending.ts';
import { plain } from '../../support/worlds/alerts/plain.ts';

const start = Temporal.Instant.from('2026-11-10T10:00:00Z');

let received = 0n;

/** `minute`: orders the events. `expense` null deletes. */
function event(
  expenseId: string,
  minute: number,
  expense: Partial<ExpenseFacts> | null = {},
  changes: Partial<StoredEvent> = {},
): StoredEvent {
  const number = (received += 1n);
  const money = { amountMinor: 100n, currency: 'USD', spentAt: start };
  const facts = { userId: 'p01', categoryId: 'food', merchant: null, description: null, ...money, ...plain };
  return {
    tenantId: 't',
    source: 'api',
    id: `${number}`,
    type: expense ? 'expense.created' : 'expense.deleted',
    time: start.add({ minutes: minute }),
    sequence: null,
    number,
    expenseId,
    replaces: null,
    expense: expense && { ...facts, ...expense },
    ...changes,
  };
}

const replacing = (
  expenseId: string,
  replaces: string,
  minute: number,
  expense: Partial<ExpenseFacts> = {},
) => event(expenseId, minute, expense, { replaces });

const apply = (events: readonly StoredEvent[], current: ReadonlyMap<string, Expense> = new Map()) =>
  applyEvents(events, current, () => '2026-11-10');

/** The amounts of live expenses, by their ids. */
const live = (expenses: ReadonlyMap<string, Expense>) =>
  Object.fromEntries(
    [...expenses.values()].flatMap(({ id, facts }) => (facts ? [[id, Number(facts.amountMinor)]] : [])),
  );

describe('an event that replaces an expense', () => {
  test('takes it away and adds its own in one change', () => {
    const stored = apply([event('a', 0)]).expenses;
    const { expenses, changes, refused } = apply([replacing('b', 'a', 1, { amountMinor: 120n })], stored);
    expect(live(expenses)).toEqual({ b: 120 });
    expect(changes).toEqual([
      {
        expenseId: 'b',
        before: null,
        after: contributionOf(expenses.get('t b')),
        replaced: contributionOf(stored.get('t a')),
      },
    ]);
    expect(refused).toEqual([]);
    expect(dailyDeltas(changes)).toMatchObject([{ amountMinor: 20n, count: 0 }]);
  });

  test.each<[string, StoredEvent[], Record<string, number>]>([
    ['that is not known yet stays away when it comes', [replacing('b', 'a', 1), event('a', 0)], { b: 100 }],
    ['of its own time wins over it', [event('a', 0), replacing('b', 'a', 0)], { b: 100 }],
    ['of a later time leaves that alone', [event('a', 2), replacing('b', 'a', 1)], { a: 100, b: 100 }],
    ['is brought back by a later event', [replacing('b', 'a', 1), event('a', 2)], { a: 100, b: 100 }],
    [
      'that is a transfer keeps it away too',
      [event('a', 0, { kind: 'transfer' }), replacing('b', 'a', 1)],
      { b: 100 },
    ],
    [
      'that was deleted adds its own',
      [event('a', 0), event('a', 1, null), replacing('b', 'a', 2)],
      { b: 100 },
    ],
    [
      'is overtaken, and takes that away all the same',
      [event('a', 0), event('b', 2), replacing('b', 'a', 1)],
      { b: 100 },
    ],
    [
      'in a chain leaves the last',
      [event('a', 0), replacing('b', 'a', 1), replacing('c', 'b', 2)],
      { c: 100 },
    ],
  ])('%s', (_name, events, end) => {
    expect(live(apply(events).expenses)).toEqual(end);
  });

  test('changes nothing when it comes again', () => {
    const posted = replacing('b', 'a', 1);
    const stored = apply([event('a', 0), posted]).expenses;
    const again = apply([{ ...posted, number: (received += 1n) }], stored);
    expect(again).toEqual({ expenses: new Map(), changes: [], replacements: [], refused: [] });
  });

  test('is refused whole if the other belongs to another person', () => {
    const stored = apply([event('a', 0, { userId: 'p02' })]).expenses;
    const posted = replacing('b', 'a', 1);
    const next = event('c', 1);
    const { expenses, changes, refused } = apply([posted, next], stored);
    expect(live(expenses)).toEqual({ c: 100 });
    expect([...expenses.keys()]).toEqual(['t c']);
    expect(changes).toHaveLength(1);
    expect(refused).toEqual([posted]);
  });

  test('is not refused where it would take nothing from another person', () => {
    const later = apply([event('a', 5, { userId: 'p02' })]).expenses;
    expect(apply([replacing('b', 'a', 1)], later)).toMatchObject({ refused: [] });
    const moved = apply([event('a', 0, { userId: 'p02' }), event('a', 1)]).expenses;
    expect(apply([replacing('b', 'a', 2)], moved)).toMatchObject({ refused: [] });
  });

  test('does not say that it replaced the event of another sender, as it names the expense itself', () => {
    const stored = apply([event('a', 0, {}, { source: 'bank' })]).expenses;
    expect(apply([replacing('b', 'a', 1)], stored).replacements).toEqual([]);
  });
});

describe('events of one person that replace each other’s expenses', () => {
  const ids = ['a', 'b', 'c'];
  const drafts = fc.record({
    expenseId: fc.constantFrom(...ids),
    replaces: fc.constantFrom(null, ...ids),
    minute: fc.integer({ min: 0, max: 2 }),
    amountMinor: fc.bigInt({ min: 1n, max: 1000n }),
    isDeleted: fc.constantFrom(false, false, false, true),
    isTransfer: fc.constantFrom(false, false, true),
  });
  const streams = fc.array(drafts, { minLength: 2, maxLength: 8 }).chain((chosen) => {
    const events = chosen.map(({ expenseId, replaces, minute, isDeleted, isTransfer, amountMinor }) =>
      event(
        expenseId,
        minute,
        isDeleted ? null : { amountMinor, kind: isTransfer ? 'transfer' : 'purchase' },
        { replaces: isDeleted || replaces === expenseId ? null : replaces },
      ),
    );
    return fc.tuple(fc.constant(events), fc.shuffledSubarray(events, { minLength: events.length }));
  });

  test('end alike in any order of application, and the sums with the expenses', () => {
    fc.assert(
      fc.property(streams, ([events, shuffled]) => {
        const [inOrder, other] = [apply(events), apply(shuffled)];
        expect(live(other.expenses)).toEqual(live(inOrder.expenses));
        const counted = [...other.expenses.values()].map(contributionOf);
        const sum = counted.reduce((total, part) => total + (part?.amountMinor ?? 0n), 0n);
        const moved = dailyDeltas(other.changes).reduce((total, { amountMinor }) => total + amountMinor, 0n);
        expect(moved).toBe(sum);
      }),
      { seed: 7, numRuns: 500 },
    );
  });
});

test('an expense that becomes a transfer and back leaves its sums and comes again', () => {
  const { changes, expenses } = apply([
    event('a', 0),
    event('a', 1, { kind: 'transfer' }),
    event('a', 2, { kind: 'transfer', amountMinor: 900n }),
    event('a', 3),
  ]);
  expect(changes.map(({ before, after }) => [before?.amountMinor, after?.amountMinor])).toEqual([
    [undefined, 100n],
    [100n, undefined],
    [undefined, undefined],
    [undefined, 100n],
  ]);
  expect(expenses.get('t a')?.facts?.day).toBe('2026-11-10');
});
