/** How sure a suggestion is and how hard it is to follow. */

/** `effect` is the size of the effect divided by the limit for a suggestion. It is 1 at the limit. */
type Grounds = { months: number; purchases: number; effect: number };

const half = { months: 2, purchases: 10, effect: 1 } as const;

/**
 * The mean of `x / (x + half)` over three values, rounded to two decimals. They are the months examined (half
 * at 2), the purchases in them (half at 10) and the effect (half at 1). The result rises with each value,
 * from 0 towards 1.
 */
export function confidenceOf({ months, purchases, effect }: Grounds): number {
  const parts = [
    months / (months + half.months),
    purchases / (purchases + half.purchases),
    effect / (effect + half.effect),
  ];
  return Math.round((parts.reduce((sum, each) => sum + each, 0) / parts.length) * 100) / 100;
}

export const difficulties = ['easy', 'moderate', 'hard'] as const;
export type Difficulty = (typeof difficulties)[number];

/**
 * `habits` counts merchants to leave, or purchases a month to reconsider. Up to 4 (once a week) is easy, up
 * to 12 (three times a week) is moderate.
 */
export function difficultyOf(habits: number): Difficulty {
  if (habits <= 4) return 'easy';
  return habits <= 12 ? 'moderate' : 'hard';
}
