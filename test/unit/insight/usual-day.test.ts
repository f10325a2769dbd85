/** A day beside the usual day of its kind. */
import { describe, expect, test } from 'vitest';
import { compareWithUsual, kindOf } from '../../../src/insight/decide/usual-day.ts';

/** 2026-11-20 is a Friday; these are the five weekdays before, and a weekend. */
const before = (amounts: readonly number[], first = '2026-11-16') =>
  amounts.map((amount, index) => ({
    day: Temporal.PlainDate.from(first).add({ days: index }).toString(),
    totalMinor: BigInt(amount),
  }));
const friday = (totalMinor: bigint) => ({ day: '2026-11-27', totalMinor });

describe('a weekday', () => {
  test('is compared with the median of weekdays', () => {
    const days = before([1_000, 3_000, 2_000, 100, 2_000]);
    expect(compareWithUsual(friday(2_500n), days)).toEqual({ kind: 'weekday', pct: 25, isLargest: false });
  });

  test('of an even number is compared with the mean of the two in the middle', () => {
    const days = [...before([1_000, 1_000, 3_000, 3_000, 500]), { day: '2026-11-09', totalMinor: 9_000n }];
    expect(compareWithUsual(friday(1_000n), days)).toMatchObject({ pct: -50 });
  });

  test.each<[string, ReturnType<typeof before>]>([
    ['with four days', before([1, 1, 1, 1])],
    ['with days without spending', before([1, 1, 1, 1, 0])],
    ['with days on which more came back', before([1, 1, 1, 1, -5])],
    ['with weekends', before([1, 1, 1, 1, 1], '2026-11-19')],
  ])('is compared with nothing %s', (_name, days) => {
    expect(compareWithUsual(friday(100n), days)).toBeNull();
  });

  test('is the largest if no day of any kind was as large', () => {
    const days = before([1, 1, 1, 1, 1, 500]);
    expect([501n, 500n].map((total) => compareWithUsual(friday(total), days)?.isLargest)).toEqual([
      true,
      false,
    ]);
  });
});

test('Saturday and Sunday are the weekend', () => {
  const week = before([0, 0, 0, 0, 0, 0, 0]).map(({ day }) => kindOf(day));
  expect(week).toEqual([...Array<string>(5).fill('weekday'), 'weekend', 'weekend']);
});
