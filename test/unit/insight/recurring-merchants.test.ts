/** Streams by merchant: which charges belong to one, and merchants with several. */
import { describe, expect, test } from 'vitest';
import { findStreams, type Stream } from '../../../src/insight/decide/recurring.ts';
import { chargesOf, daysUntil, find, today } from '../../support/reference/recurring-purchases.ts';

describe('two recurring charges of one merchant', () => {
  test('are two streams by their prices', () => {
    const found = find(
      { amount: 99, on: daysUntil('2026-11-05', 6, { months: 1 }) },
      { amount: 1099, on: daysUntil('2026-11-05', 6, { months: 1 }) },
    );
    expect(found.map(({ amountMinor }) => Number(amountMinor)).toSorted((one, other) => one - other)).toEqual(
      [99, 1099],
    );
  });

  test('are two streams by their days, at one price', () => {
    const found = find(
      { amount: 1500, on: daysUntil('2026-11-02', 9, { months: 1 }) },
      { amount: 1500, on: daysUntil('2026-11-08', 9, { months: 1 }) },
    );
    expect(new Set(found.map(({ nextDay }) => nextDay))).toEqual(new Set(['2026-12-02', '2026-12-08']));
  });
});

describe('a merchant', () => {
  const [first, second, third, fourth] = daysUntil('2026-10-15', 4, { months: 1 });

  test('is one however its name is written', () => {
    const found = find(
      { merchant: 'STREAMFLIX.COM 0812', on: [first ?? '', third ?? ''] },
      { merchant: 'Streamflix', on: [second ?? '', fourth ?? ''] },
    );
    expect(found).toMatchObject([{ occurrences: 4, merchant: 'Streamflix' }]);
  });

  test('is known by its id, and by a name that came with that id alone', () => {
    const named = { merchant: 'Streamflix', on: [first ?? '', second ?? ''] };
    expect(find(named, { merchant: 'Streamflix', id: 'm1', on: [third ?? '', fourth ?? ''] })).toMatchObject([
      { occurrences: 4, merchantKey: 'id ["bank","m1"]' },
    ]);
    const twoIds = [
      { merchant: 'Streamflix', id: 'm1', on: [third ?? ''] },
      { merchant: 'Streamflix', id: 'm2', on: [fourth ?? ''] },
    ];
    expect(find(named, ...twoIds)).toEqual([]);
  });

  test('without a name is not taken for one that has an id alone', () => {
    const [first = '', second = '', third = '', fourth = ''] = daysUntil('2026-10-15', 4, { months: 1 });
    const unnamed = chargesOf({ on: [first, second] }).map((each) => ({ ...each, merchant: null }));
    const known = chargesOf({ id: 'm1', on: [third, fourth] }).map((each) => ({ ...each, merchant: null }));
    expect(findStreams([...unnamed, ...known], today)).toEqual([]);
    const ids = [...unnamed, ...known].map((each) => ({
      ...each,
      merchantRef: { source: 'bank', id: 'm1' },
    }));
    expect(findStreams(ids, today)).toMatchObject([{ merchant: 'm1', occurrences: 4 }]);
  });

  test('has streams of each currency apart', () => {
    const euros = chargesOf({ on: [first ?? '', third ?? ''] }).map((each) => ({ ...each, currency: 'EUR' }));
    const dollars = chargesOf({ on: [second ?? '', fourth ?? ''] });
    expect(findStreams([...euros, ...dollars], today)).toEqual([]);
  });
});

test('the streams are the same in whatever order the expenses come', () => {
  const charges = [
    ...chargesOf({ on: daysUntil('2026-11-05', 6, { months: 1 }) }),
    ...chargesOf({ merchant: 'Other', on: daysUntil('2026-11-06', 6, { days: 7 }) }),
  ];
  const key = ({ merchantKey }: Stream) => merchantKey;
  expect(findStreams(charges.toReversed(), today).toSorted((a, b) => key(a).localeCompare(key(b)))).toEqual(
    findStreams(charges, today).toSorted((a, b) => key(a).localeCompare(key(b))),
  );
});
