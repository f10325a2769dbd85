/** What a period of a rule carries over from the one before it. Pure. Amounts are minor units of the rule's currency. */

/** `unspent`: what is left is carried. `both`: what was spent beyond the budget too. */
export const rollovers = ['none', 'unspent', 'both'] as const;
export type Rollover = (typeof rollovers)[number];

export type Rolling = { rollover: Rollover; budgetMinor: bigint };

/** No more is carried, so that a budget with what it carries fits 64 bits. No budget alone is larger. */
export const mostCarriedMinor = 10n ** 18n;

/**
 * `leftMinor`: what was left of the budget of the period before, with what that one carried; below zero if it was exceeded.
 * Null if there is no such period. No budget falls below zero.
 */
function carriedMinor({ rollover, budgetMinor }: Rolling, leftMinor: bigint | null): bigint {
  if (rollover === 'none' || leftMinor === null) return 0n;
  const least = rollover === 'unspent' ? 0n : -budgetMinor;
  const carried = leftMinor > least ? leftMinor : least;
  return carried < mostCarriedMinor ? carried : mostCarriedMinor;
}

/** The rule with the budget of one period: its own, and what the period carries. */
export const inPeriod = <R extends Rolling>(rule: R, leftMinor: bigint | null): R => ({
  ...rule,
  budgetMinor: rule.budgetMinor + carriedMinor(rule, leftMinor),
});
