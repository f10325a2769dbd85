/** How probably a rise lasts, and how hard advice is to follow. */
import type { Rise } from './rise.ts';

type Grounds = Pick<
  Rise,
  'earlierMinor' | 'recentMinor' | 'beforeMinor' | 'largestMinor' | 'z' | 'monthsAbove' | 'purchases'
>;

/**
 * The coefficients of a logistic regression, fitted on half of the people of published card statements, 2019 to 2021. The
 * outcome is whether the mean of the next three months is still at least 1.1 times the earlier mean. The other half judges
 * it: `npm run bench advice`.
 */
const coefficients = {
  constant: -0.3682,
  /** For `z` up to 1, and from 1 to 2.5. */
  z: 0.4961,
  zAboveOne: 0.6614,
  /** For each recent month above the earlier mean, counted from two. */
  monthsAbove: 0.2551,
  /** For the natural logarithm of the purchases of the six months. */
  purchases: -0.0609,
  /** For the natural logarithm of the level before the earlier months, as a multiple of theirs. */
  before: 0.2661,
  /** For the share of the rise that the largest recent purchase makes, at most 1. */
  largest: -0.1521,
} as const;

const largestZ = 2.5;
const span = 3;

/** The probability that the rise is still there in three months, from 0 to 1, with two decimals. */
export function confidenceOf(rise: Grounds): number {
  const { z, monthsAbove, purchases } = rise;
  const logit =
    coefficients.constant +
    coefficients.z * Math.min(z, 1) +
    coefficients.zAboveOne * Math.max(0, Math.min(z, largestZ) - 1) +
    coefficients.monthsAbove * (monthsAbove - 2) +
    coefficients.purchases * Math.log(Math.max(1, purchases)) +
    coefficients.before * levelBefore(rise) +
    coefficients.largest * shareOfLargest(rise);
  return Math.round(100 / (1 + Math.exp(-logit))) / 100;
}

/** A tenth of the earlier mean is added, so that nothing bought before is a number too. 0 where it is unknown. */
function levelBefore({ earlierMinor, beforeMinor }: Grounds): number {
  if (beforeMinor === null) return 0;
  const level = Math.log(Number(beforeMinor) / Number(earlierMinor) + 0.1);
  return Math.max(-2, Math.min(level, 2));
}

const shareOfLargest = ({ earlierMinor, recentMinor, largestMinor }: Grounds): number =>
  Math.min(1, Number(largestMinor) / span / Number(recentMinor - earlierMinor));

export const difficulties = ['easy', 'moderate', 'hard'] as const;
export type Difficulty = (typeof difficulties)[number];

/**
 * `habits` counts purchases a month to reconsider. Up to 4 (once a week) is easy, up to 12 (three times a week) is
 * moderate.
 */
export function difficultyOf(habits: number): Difficulty {
  if (habits <= 4) return 'easy';
  return habits <= 12 ? 'moderate' : 'hard';
}
