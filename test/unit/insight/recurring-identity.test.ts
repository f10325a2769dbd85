/** Streams that were found again are the known ones. */
import { describe, expect, test } from 'vitest';
import { type KnownStream, reconcileStreams } from '../../../src/insight/decide/recurring-identity.ts';
import type { Stream } from '../../../src/insight/decide/recurring.ts';
import { daysUntil, find, today } from '../../support/reference/recurring-purchases.ts';

const toKnown = (stream: Stream, id: string, facts: Partial<KnownStream> = {}): KnownStream => ({
  ...stream,
  id,
  lastExpenseId: stream.expenseIds.at(-1) ?? '',
  decision: null,
  ...facts,
});

const months = daysUntil('2026-11-05', 6, { months: 1 });
const [rent] = find({ amount: 90_000, on: months });
const two = find({ amount: 99, on: months }, { amount: 1099, on: months });
const weekly = find({ amount: 90_000, on: daysUntil('2026-11-05', 6, { days: 7 }) });

/** Ids in the order of the streams that were found; null for a new one. */
function idsOf(found: readonly Stream[], known: readonly KnownStream[]): (string | null)[] {
  const { update } = reconcileStreams(found, known, today);
  return found.map((stream) => update.find((each) => each.stream === stream)?.id ?? null);
}

describe('a stream that was found', () => {
  const known = rent ? toKnown(rent, 'rent') : null;
  const later = find({ amount: 90_000, on: [...months, '2026-11-10'].slice(1) });

  test.each<{ it: string; found: Stream[]; facts?: Partial<KnownStream>; is: (string | null)[] }>([
    {
      it: 'is the known one with its last charge, whatever the merchant is called',
      found: later,
      facts: { merchantKey: 'OLD' },
      is: ['rent'],
    },
    {
      it: 'is that of its merchant if the last charge is gone',
      found: later,
      facts: { lastExpenseId: 'gone' },
      is: ['rent'],
    },
    {
      it: 'is that of its merchant at another price',
      found: later,
      facts: { lastExpenseId: 'gone', amountMinor: 50_000n },
      is: ['rent'],
    },
    {
      it: 'is new at another merchant',
      found: later,
      facts: { lastExpenseId: 'gone', merchantKey: 'OTHER' },
      is: [null],
    },
    {
      it: 'is new in another currency',
      found: later,
      facts: { lastExpenseId: 'gone', currency: 'EUR' },
      is: [null],
    },
    { it: 'is new with another cadence', found: weekly, is: [null] },
  ])('$it', ({ found, facts, is }) => {
    expect(idsOf(found, known ? [{ ...known, ...facts }] : [])).toEqual(is);
  });

  test('is that of the nearest amount, if its merchant has several', () => {
    const known = two.map((stream) => toKnown(stream, String(stream.amountMinor), { lastExpenseId: 'gone' }));
    expect(idsOf(two, known.toReversed())).toEqual(two.map(({ amountMinor }) => String(amountMinor)));
    expect(idsOf(two, known.slice(0, 1)).filter((id) => id !== null)).toEqual([known[0]?.id]);
  });
});

describe('a stream that was not found again', () => {
  test.each<{ it: string; facts: Partial<KnownStream>; is: { end: string[]; remove: string[] } }>([
    { it: 'is removed', facts: {}, is: { end: [], remove: ['x'] } },
    {
      it: 'has ended if the person decided on it',
      facts: { decision: 'confirmed' },
      is: { end: ['x'], remove: [] },
    },
    {
      it: 'is removed 25 months after its last charge, whatever the person said',
      facts: { decision: 'confirmed', lastDay: '2024-10-09' },
      is: { end: [], remove: ['x'] },
    },
    {
      it: 'has not gone a day before that',
      facts: { decision: 'ignored', lastDay: '2024-10-10' },
      is: { end: ['x'], remove: [] },
    },
  ])('$it', ({ facts, is }) => {
    const known = rent ? [toKnown(rent, 'x', facts)] : [];
    expect(reconcileStreams([], known, today)).toEqual({ insert: [], update: [], ...is });
  });
});
