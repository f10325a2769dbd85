import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { percentMore, percentOfBudget } from '../../../src/values/figures.ts';

describe('the percent of a budget', () => {
  test.each([
    [0n, 10_000n, 0n],
    [9_999n, 10_000n, 99n],
    [10_000n, 10_000n, 100n],
    [10_001n, 10_000n, 100n],
    [1n, 3n, 33n],
    [-1n, 10_000n, -1n],
    [-100n, 10_000n, -1n],
    [-101n, 10_000n, -2n],
    [-1_250n, 10_000n, -13n],
  ])('is rounded down: %i of %i is %i', (spent, budget, percent) => {
    expect(percentOfBudget(spent, budget)).toBe(percent);
  });

  test('is the greatest whole percent that spending has reached, above and below zero', () => {
    const amounts = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n });
    fc.assert(
      fc.property(amounts, fc.bigInt({ min: 1n, max: 10n ** 18n }), (spent, budget) => {
        const percent = percentOfBudget(spent, budget);
        assert(percent !== null);
        expect(percent * budget <= spent * 100n && spent * 100n < (percent + 1n) * budget).toBe(true);
      }),
    );
  });
});

describe('the percent that an amount is above another', () => {
  test.each([
    [110n, 100n, 10],
    [90n, 100n, -10],
    [100n, 100n, 0],
    [1_0005n, 10_000n, 0.1],
    [99_995n, 100_000n, 0],
    [99_949n, 100_000n, -0.1],
    [-100n, 100n, -200],
    [5n, 0n, null],
    [5n, -1n, null],
  ])('is rounded to one decimal: %i against %i is %s', (value, reference, percent) => {
    expect(percentMore(value, reference)).toBe(percent);
  });
});
