import { describe, expect, test } from 'vitest';
import { consolidationOf } from '../../../src/insight/decide/consolidation.ts';
import { decimalOf } from '../../../src/insight/decide/fraction.ts';
import type { MerchantSpending } from '../../../src/insight/decide/merchant-spending.ts';
import { confidenceOf, difficultyOf } from '../../../src/insight/decide/confidence.ts';

/** Most spent first. */
const spentAt = (...amounts: bigint[]): MerchantSpending[] =>
  amounts.map((spentMinor, place) => ({ key: `m${place}`, name: `M${place}`, spentMinor, purchases: 1 }));

describe('consolidating', () => {
  test.each([
    // Σ share² = 1/3 = 1/n: the whole of 2 % on top.
    ['evenly spread over three', [30_000n, 30_000n, 30_000n], '0.050000', '1000.00'],
    ['evenly spread over four', [25_000n, 25_000n, 25_000n, 25_000n], '0.050000', '1250.00'],
    // 3 % + 2 % × (1 − 0.38) / (2/3) = 4.86 %; × 50000 / 3.
    ['unevenly over three', [50_000n, 30_000n, 20_000n], '0.048600', '810.00'],
    // Σ share² = (98² + 1 + 1) / 100² = 0.9606: 3 % + 2 % × 0.0394 × 1.5 = 3.1182 %; × 200 / 3.
    ['nearly all in one place', [9_800n, 100n, 100n], '0.031182', '2.08'],
    // Σ share² = 83/121: 3 % + 2 % × 57/121; × 2e17 / 3.
    ['of 18 digits', [9n * 10n ** 17n, 10n ** 17n, 10n ** 17n], '0.039421', '2628099173553719.01'],
  ])('%s', (_, amounts, rate, saving) => {
    const found = consolidationOf(spentAt(...amounts));
    expect(found && [decimalOf(found.rate, 6), decimalOf(found.monthlySaving, 2)]).toEqual([rate, saving]);
    expect(found?.target.key).toBe('m0');
  });

  test.each([[[]], [[100n]], [[100n, 100n]]])('is nothing for %s', (amounts) => {
    expect(consolidationOf(spentAt(...amounts))).toBeNull();
  });
});

describe('confidence', () => {
  test.each([
    // (6/8 + 30/40 + 1/2) / 3.
    [{ months: 6, purchases: 30, effect: 1 }, 0.67],
    [{ months: 2, purchases: 10, effect: 1 }, 0.5],
    [{ months: 0, purchases: 0, effect: 0 }, 0],
    [{ months: 6, purchases: 1e9, effect: 1e9 }, 0.92],
  ])('of %o is %s', (grounds, confidence) => {
    expect(confidenceOf(grounds)).toBe(confidence);
  });

  test('rises with the months, with the purchases and with the effect', () => {
    const some = { months: 4, purchases: 10, effect: 1 };
    for (const more of [{ months: 6 }, { purchases: 20 }, { effect: 2 }])
      expect(confidenceOf({ ...some, ...more })).toBeGreaterThan(confidenceOf(some));
  });
});

test.each([
  [1, 'easy'],
  [4, 'easy'],
  [4.1, 'moderate'],
  [12, 'moderate'],
  [12.1, 'hard'],
])('%s habits to change: %s', (habits, difficulty) => {
  expect(difficultyOf(habits)).toBe(difficulty);
});
