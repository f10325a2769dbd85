/** How probably a rise lasts, and how hard advice is to follow. */
import type { Rise } from './rise.ts';

type Grounds = Pick<Rise, 'earlierMinor' | 'before' | 'z' | 'monthsAbove'>;

/**
 * The coefficients of a logistic regression, fitted on half of the people of published card statements, 2019 to 2021. The
 * outcome is whether the mean of the next three months is still at least 1.1 times the earlier mean. The other half judges
 * it: `npm run bench advice`. The purchases, the months with one and the largest of them did not make it better.
 */
const coefficients = {
  constant: -0.6913,
  /** For `z` up to 1, and from 1 to 3. */
  z: 0.5782,
  zAboveOne: 0.6404,
  /** For each recent month above the earlier mean, counted from two. */
  monthsAbove: 0.2331,
  /** For the natural logarithm of the level before the earlier months, as a multiple of theirs. */
  before: 0.7655,
} as const;

const largestZ = 3;
const largestBefore = 0.5;

/** The probability that the rise is still there in three months, from 0 to 1, with two decimals. */
export function confidenceOf(rise: Grounds): number {
  const { z, monthsAbove } = rise;
  const logit =
    coefficients.constant +
    coefficients.z * Math.min(z, 1) +
    coefficients.zAboveOne * Math.max(0, Math.min(z, largestZ) - 1) +
    coefficients.monthsAbove * (monthsAbove - 2) +
    coefficients.before * levelBefore(rise);
  return Math.round(100 / (1 + Math.exp(-logit))) / 100;
}

/** A tenth of the earlier mean is added, so that nothing bought before is a number too. 0 where it is unknown. */
function levelBefore({ earlierMinor, before }: Grounds): number {
  if (before === null) return 0;
  const level = Math.log(Number(before.meanMinor) / Number(earlierMinor) + 0.1);
  return Math.max(-largestBefore, Math.min(level, largestBefore));
}

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
