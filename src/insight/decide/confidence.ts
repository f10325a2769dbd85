/** How sure a suggestion is, and how hard to follow. */

/** `effect`: how many times the limit from which such a thing is suggested; 1 at the limit. */
type Grounds = { months: number; purchases: number; effect: number };

const half = { months: 2, purchases: 10, effect: 1 } as const;

/**
 * The mean of `x / (x + half)` over what speaks for it: the months looked at (half at 2), the purchases in
 * them (half at 10) and the size of the effect (half at the limit). Rises with each, from 0 towards 1; to two
 * decimals.
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

/** `habits`: merchants to leave, or purchases a month to think about. Once a week is easy, thrice moderate. */
export function difficultyOf(habits: number): Difficulty {
  if (habits <= 4) return 'easy';
  return habits <= 12 ? 'moderate' : 'hard';
}
