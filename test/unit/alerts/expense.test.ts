import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  applyEvents,
  type Contribution,
  contributionOf,
  type Expense,
  type ExpenseFacts,
  type StoredEvent,
} from '../../../src/alerts/decide/apply-events.ts';
import { localDay } from '../../../src/values/period.ts';
import { findWinner } from '../../support/reference/reference-order.ts';
import { plain } from '../../support/worlds/alerts/plain.ts';

const coffee: ExpenseFacts = {
  userId: 'p01',
  categoryId: 'coffee',
  merchant: null,
  description: null,
  ...plain,
  amountMinor: 450n,
  currency: 'USD',
  spentAt: Temporal.Instant.from('2026-11-10T09:00:00Z'),
};

/** Later calls make events that were received later, unless `number` says otherwise. */
let received = 0n;

function event(
  id: string,
  minute: number,
  expense: Partial<ExpenseFacts> | null,
  changes: Partial<StoredEvent> = {},
): StoredEvent {
  const time = Temporal.Instant.from('2026-11-10T10:00:00Z').add({ minutes: minute });
  return {
    tenantId: 't',
    source: 'api',
    id,
    type: expense ? 'expense.created' : 'expense.deleted',
    time,
    sequence: null,
    replaces: null,
    number: (received += 1n),
    expenseId: 'x',
    expense: expense && { ...coffee, ...expense },
    ...changes,
  };
}

const dayOf = (_tenant: string, { spentAt }: ExpenseFacts) => localDay(spentAt, 'UTC');
const apply = (events: readonly StoredEvent[], current = new Map<string, Expense>()) =>
  applyEvents(events, current, dayOf);
const endOf = (events: readonly StoredEvent[]) => apply(events).expenses.get('t x');
const short = (part: Contribution | null) => part && `${part.userId} ${part.categoryId} ${part.amountMinor}`;

const created = 'expense.created';
const updated = 'expense.updated';

/** Greater than the emoji by UTF-16 code units, and less by code points. */
const replacement = '\u{fffd}';
const emoji = '\u{1f600}';

describe('an event of an expense', () => {
  test.each<[string, Partial<StoredEvent> & { minute?: number }, Partial<StoredEvent> & { minute?: number }]>(
    [
      ['of a later time over a deletion', { minute: 1 }, { type: 'expense.deleted', sequence: '9' }],
      [
        'that deletes over an update with a sequence',
        { type: 'expense.deleted' },
        { type: updated, sequence: '9' },
      ],
      ['that updates over a creation with a sequence', { type: updated }, { type: created, sequence: '9' }],
      ['with the greater sequence', { sequence: '2' }, { sequence: '1' }],
      ['with the sequence that is greater as text', { sequence: '9' }, { sequence: '10' }],
      ['with the longer sequence of two that begin alike', { sequence: '10' }, { sequence: '1' }],
      ['with a sequence over one without', { sequence: '0' }, {}],
      ['with the sequence that is greater by code points', { sequence: emoji }, { sequence: replacement }],
    ],
  )('%s wins, whichever is received later', (_name, { minute, ...later }, earlier) => {
    for (const numbers of [
      [1n, 2n],
      [2n, 1n],
    ]) {
      const winner = event('a', minute ?? 0, {}, { ...later, number: numbers[0] ?? 0n });
      const other = event('b', 0, {}, { ...earlier, number: numbers[1] ?? 0n });
      expect(endOf([winner, other])?.event.id).toBe('a');
      expect(endOf([other, winner])?.event.id).toBe('a');
    }
  });

  test.each([[null], ['7']])('received later wins if all else is equal, sequence %s', (sequence) => {
    const [first, second] = [event('z', 0, {}, { sequence }), event('a', 0, {}, { sequence })];
    expect(endOf([first, second])?.event.id).toBe('a');
    expect(endOf([second, first])?.event.id).toBe('a');
  });

  test('wins with a time one microsecond later', () => {
    const first = event('b', 0, {}, { type: updated, sequence: '5', number: 9n });
    const next = event('a', 0, {}, { time: first.time.add({ microseconds: 1 }), number: 1n });
    expect(endOf([first, next])?.event.id).toBe('a');
    expect(endOf([next, first])?.event.id).toBe('a');
  });
});

describe('an event that comes again with a new place in the inbox', () => {
  const again = (old: StoredEvent): StoredEvent => ({ ...old, number: (received += 1n) });

  test('changes nothing, be it the winner, one that lost or one that was overtaken', () => {
    const [first, second] = [event('1', 0, { amountMinor: 1n }), event('2', 0, { amountMinor: 2n })];
    const lost = event('3', 0, { amountMinor: 3n }, { number: 0n });
    const stored = apply([first, second, lost]).expenses;
    for (const old of [first, second, lost])
      expect(apply([again(old)], stored)).toEqual({
        expenses: new Map(),
        changes: [],
        replacements: [],
        refused: [],
      });
  });

  test('is known by its source and id together', () => {
    const stored = apply([event('1', 0, {}), event('2', 0, {})]).expenses;
    const other = event('1', 0, { amountMinor: 9n }, { source: 'other' });
    expect(apply([other], stored).expenses.get('t x')).toMatchObject({
      event: { source: 'other', id: '1' },
      facts: { amountMinor: 9n },
    });
  });

  test('is known among the last 16 of its time, and no more are kept', () => {
    const events = Array.from({ length: 10_000 }, (_, index) =>
      event(`${index}`, 0, { amountMinor: BigInt(index) }),
    );
    const stored = apply(events).expenses;
    expect(stored.get('t x')).toMatchObject({ event: { id: '9999' }, facts: { amountMinor: 9999n } });
    expect(stored.get('t x')?.tied).toHaveLength(15);
    for (const old of events.slice(-16)) expect(apply([again(old)], stored).expenses.size).toBe(0);
  });

  test('is forgotten with its time', () => {
    const first = event('1', 0, {});
    const stored = apply([first, event('2', 0, {}), event('3', 1, {})]).expenses;
    expect(stored.get('t x')?.tied).toEqual([]);
    expect(apply([again(first)], stored).expenses.size).toBe(0);
  });
});

describe('events in the wrong order', () => {
  const creation = event('1', 0, { amountMinor: 100n });
  const edited = event('2', 1, { amountMinor: 250n });
  const deleted = event('3', 2, null);

  test('keep an edit that comes before the creation', () => {
    expect(endOf([edited, creation])?.facts?.amountMinor).toBe(250n);
    expect(apply([edited, creation]).changes).toHaveLength(1);
  });

  test('leave nothing to count if the deletion comes before the creation', () => {
    const { expenses, changes } = apply([deleted, creation, edited]);
    expect(expenses.get('t x')).toMatchObject({ facts: null, event: { id: '3' } });
    expect(changes).toEqual([{ expenseId: 'x', before: null, after: null }]);
  });

  test('are ignored if the expense is stored as deleted', () => {
    const stored = apply([deleted]).expenses;
    expect(apply([creation, edited], stored)).toEqual({
      expenses: new Map(),
      changes: [],
      replacements: [],
      refused: [],
    });
  });

  test('count a creation that is later than the deletion', () => {
    const { changes } = apply([creation, deleted, event('4', 3, { amountMinor: 7n })]);
    expect(changes.map(({ before, after }) => [before?.amountMinor, after?.amountMinor])).toEqual([
      [undefined, 100n],
      [100n, undefined],
      [undefined, 7n],
    ]);
  });

  const types = fc.constantFrom<StoredEvent['type']>(created, updated, 'expense.deleted');
  const sequences = fc.constantFrom(null, '1', '10', '9', replacement, emoji, `${emoji}0`);
  const drafts = fc.tuple(fc.integer({ min: 0, max: 1 }), types, sequences);
  /** Events in the order in which they were received, and an order in which they are applied, with repeats. */
  const streams = (isDistinct: boolean) =>
    fc
      .uniqueArray(drafts, {
        minLength: 1,
        maxLength: 12,
        selector: (draft) => (isDistinct ? JSON.stringify(draft) : {}),
      })
      .map((chosen) =>
        chosen.map(([minute, type, sequence], index) =>
          event(`${index}`, minute, type === 'expense.deleted' ? null : { amountMinor: BigInt(index + 1) }, {
            type,
            sequence,
          }),
        ),
      )
      .chain((events) =>
        fc.tuple(
          fc.constant(events),
          fc
            .array(fc.constantFrom(...events), { maxLength: 4 })
            .chain((extra) =>
              fc.shuffledSubarray([...events, ...extra], { minLength: events.length + extra.length }),
            ),
        ),
      );

  test.each([
    ['of distinct time, type and sequence', true],
    ['of which many are equal', false],
  ])('%s end as the reference says in any order of application and with any repeats', (_name, isDistinct) => {
    fc.assert(
      fc.property(streams(isDistinct), ([events, applied]) => {
        const winner = findWinner(events.map((each) => ({ ...each, type: shortType[each.type] })));
        const { expenses, changes } = apply(applied);
        expect(expenses.get('t x')?.event.id).toBe(winner?.id);
        const net = changes.reduce(
          (sum, { before, after }) => sum + (after?.amountMinor ?? 0n) - (before?.amountMinor ?? 0n),
          0n,
        );
        expect(net).toBe(winner?.expense?.amountMinor ?? 0n);
      }),
      { seed: 9, numRuns: 400 },
    );
  });

  test('end the same whichever was received first, if their time, type and sequence are distinct', () => {
    fc.assert(
      fc.property(streams(true), ([events, applied]) => {
        const renumbered = applied.map((each, index) => ({ ...each, number: BigInt(index) }));
        expect(endOf(renumbered)?.event.id).toBe(endOf(events)?.event.id);
      }),
      { seed: 10, numRuns: 200 },
    );
  });
});

const shortType = {
  'expense.created': 'created',
  'expense.updated': 'updated',
  'expense.deleted': 'deleted',
} as const;

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
