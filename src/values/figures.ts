/** Percentages, each computed in one place with exact integers. */

/**
 * The percentage of a budget that is spent. It is rounded down, also below zero, so 100 % never shows too early. Both are
 * minor units of one currency. Null of a budget of zero, of which there is no share.
 */
export function percentOfBudget(spentMinor: bigint, budgetMinor: bigint): bigint | null {
  if (budgetMinor === 0n) return null;
  const hundredfold = spentMinor * 100n;
  const percent = hundredfold / budgetMinor;
  // Division of bigints rounds towards zero.
  return percent * budgetMinor > hundredfold ? percent - 1n : percent;
}

/**
 * The difference of `value` from `reference` in percent, to one decimal, rounded half away from zero. Negative if
 * `value` is lower. Null if the reference is not above zero.
 */
export function percentMore(value: bigint, reference: bigint): number | null {
  if (reference <= 0n) return null;
  const more = 1000n * (value - reference);
  const size = (2n * (more < 0n ? -more : more) + reference) / (2n * reference);
  return size === 0n ? 0 : Number(more < 0n ? -size : size) / 10;
}
