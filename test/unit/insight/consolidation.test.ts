import { describe, expect, test } from 'vitest';
import { consolidationOf } from '../../../src/insight/decide/consolidation.ts';
import { decimalOf } from '../../../src/insight/decide/fraction.ts';
import type { MerchantSpending } from '../../../src/insight/decide/merchant-spending.ts';
import { confidenceOf, difficultyOf } from '../../../src/insight/decide/confidence.ts';

/** Merchants with these amounts, most spent first. */
const spentAt = (...amounts: bigint[]): MerchantSpending[] =>
  amounts.map((spentMinor, index) => ({ key: `m${index}`, name: `M${index}`, spentMinor, purchases: 1 }));

describe('a consolidation', () => {
  test.each([
    // Σ share² = 1/3 = 1/n, so the full 2 % are added.
    ['of spending spread evenly over three merchants', [30_000n, 30_000n, 30_000n], '0.050000', '1000.00'],
    [
      'of spending spread evenly over four merchants',
      [25_000n, 25_000n, 25_000n, 25_000n],
      '0.050000',
      '1250.00',
    ],
    // 3 % + 2 % × (1 − 0.38) / (2/3) = 4.86 %, times 50000 / 3.
    ['of spending spread unevenly over three merchants', [50_000n, 30_000n, 20_000n], '0.048600', '810.00'],
    // Σ share² = (98² + 1 + 1) / 100² = 0.9606. 3 % + 2 % × 0.0394 × 1.5 = 3.1182 %, times 200 / 3.
    ['of spending that is nearly all at one merchant', [9_800n, 100n, 100n], '0.031182', '2.08'],
    // Σ share² = 83/121: 3 % + 2 % × 57/121, times 2e17 / 3.
    [
      'of amounts with 18 digits',
      [9n * 10n ** 17n, 10n ** 17n, 10n ** 17n],
      '0.039421',
      '2628099173553719.01',
    ],
  ])('%s (%s) saves at the rate %s', (_, amounts, rate, saving) => {
    const found = consolidationOf(spentAt(...amounts));
    expect(found && [decimalOf(found.rate, 6), decimalOf(found.monthlySaving, 2)]).toEqual([rate, saving]);
    expect(found?.target.key).toBe('m0');
  });

  test.each([[[]], [[100n]], [[100n, 100n]]])('is null for the amounts %s', (amounts) => {
    expect(consolidationOf(spentAt(...amounts))).toBeNull();
  });
});

const before = (meanMinor: bigint) => ({ before: { meanMinor, z: 0 } });
const rise = { earlierMinor: 20_000n, before: null, z: 1, monthsAbove: 2 };

describe('confidence', () => {
  test.each([
    // 1 / (1 + exp(0.6913 − 0.5782)).
    [{}, 0.47],
    // Two more z of 0.6404 each, and a third month of 0.2331.
    [{ z: 3, monthsAbove: 3 }, 0.8],
    [{ z: 9, monthsAbove: 3 }, 0.8],
    // ln(0.6 + 0.1) of 0.7655.
    [before(12_000n), 0.4],
    // At most 0.5 and at least −0.5 of it.
    [before(900_000n), 0.57],
    [before(0n), 0.38],
  ])('for a rise with %o is %s', (change, confidence) => {
    expect(confidenceOf({ ...rise, ...change })).toBe(confidence);
  });
});

test.each([
  [1, 'easy'],
  [4, 'easy'],
  [4.1, 'moderate'],
  [12, 'moderate'],
  [12.1, 'hard'],
])('a suggestion with %s habits to change is %s', (habits, difficulty) => {
  expect(difficultyOf(habits)).toBe(difficulty);
});
