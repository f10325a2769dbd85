import { describe, expect, test } from 'vitest';
import { isReached } from '../../../src/alerts/decide/rule.ts';

describe('a level is reached at exactly its percent of the budget', () => {
  test.each([
    [100, 9999n, 10_000n, false],
    [100, 10_000n, 10_000n, true],
    [80, 7999n, 10_000n, false],
    [80, 8000n, 10_000n, true],
    // 33 % of 0.10 is 3.3 cents.
    [33, 3n, 10n, false],
    [33, 4n, 10n, true],
    [100, -1n, 10_000n, false],
    // A float would lose the last cent here.
    [100, 999_999_999_999_999_999n, 1_000_000_000_000_000_000n, false],
    [95, 900_719_925_474_099_205n, 948_126_237_341_157_057n, true],
    [95, 900_719_925_474_099_205n, 948_126_237_341_157_058n, false],
  ])('level %i with %i of %i spent: %s', (percent, spent, budget, reached) => {
    expect(isReached(percent, spent, budget)).toBe(reached);
  });
});
