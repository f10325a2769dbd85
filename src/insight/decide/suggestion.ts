/**
 * Decides which rises of a person's spending are worth advice. Everything else stays an observation in the profile.
 *
 * A rise passes if it is more than chance, is no single purchase and no season, will probably last, and is worth an
 * interruption. Advice to buy at one merchant, or to spend evenly, is no longer made: expenses do not show whether another
 * merchant is cheaper, and uneven spending is mostly chance.
 */
import { minorUnits } from '../../values/money.ts';
import { confidenceOf, type Difficulty, difficultyOf } from './confidence.ts';
import { numberOf, over, rounded } from './fraction.ts';
import { lowerMedian } from './median.ts';
import type { MerchantSpending, Window } from './merchant-spending.ts';
import type { BoughtMonth, Rise } from './rise.ts';

export const recommendationTypes = [
  'merchant_consolidation',
  'spending_trend',
  'spending_volatility',
] as const;

export type MonthEvidence = { month: string; totalMinor: string; count: number };
export type MerchantEvidence = { key: string; name: string; spentMinor: string; count: number };

/**
 * Stored as JSON, so amounts are decimal strings of minor units. `merchants` are those of the window. Beside
 * `months` only the largest are kept.
 */
type Common = Window & { merchants: MerchantEvidence[] };

/**
 * Only `spending_trend` is still made; the others are read from stored rows. The months of a trend leave recurring charges
 * out, and the earlier ones refunds. `z` and `deviationMinor` are those of the rise, and are absent in rows from before
 * version 0.5.
 */
export type Evidence = Common &
  (
    | { type: 'merchant_consolidation'; targetKey: string; elsewhereMinor: string; rate: string }
    | {
        type: 'spending_trend';
        earlier: MonthEvidence[];
        recent: MonthEvidence[];
        trendPct: number;
        z?: number;
        deviationMinor?: string;
      }
    | { type: 'spending_volatility'; months: MonthEvidence[]; volatility: number }
  );

/** `savingMinor`: a month. `savingsPct`: percentage of the recent monthly spending. `confidence`: a probability. */
export type Suggestion = {
  categoryId: string;
  currency: string;
  savingMinor: bigint;
  savingsPct: number;
  confidence: number;
  difficulty: Difficulty;
  evidence: Evidence;
};

/** `rise` is null where spending has not risen. `merchants` are those of the window. */
export type JudgedCategory = {
  categoryId: string;
  currency: string;
  rise: Rise | null;
  window: Window;
  merchants: readonly MerchantSpending[];
};

/** One-sided 5 % of the standard normal distribution. */
const smallestZ = 1.64;
/** The share of false discoveries that is accepted among a person's categories. */
const falseDiscoveries = 0.05;
const smallestConfidence = 0.75;
const fewestPurchases = 6;
const recentMonths = 3;
const shownMerchants = 3;
/** A rise is one tenth at least, after the largest purchase is taken out and against other months. */
const notable = { numerator: 11n, denominator: 10n } as const;

/**
 * The share of a rise that stays on average when nobody acts, in percent. Measured on the half of the people that
 * `confidence.ts` was fitted on. Only this much is claimed, and a saving counts from there.
 */
const stayingPct = 45n;

/** Spending a month that is expected if nobody acts, in minor units. */
export const expectedMinor = (earlierMinor: bigint, recentMinor: bigint): bigint =>
  earlierMinor + rounded(over(stayingPct * (recentMinor - earlierMinor), 100));

/** `categories` are all of a person's that can be judged. `monthlyMinor`: the person's spending a month. */
export function suggestionsOf(categories: readonly JudgedCategory[], monthlyMinor: bigint): Suggestion[] {
  const limit = largestDiscovery(categories.map(({ rise }) => rise?.p ?? 1));
  return categories.flatMap((category) => {
    const { rise, currency } = category;
    if (!rise || rise.p > limit || !isReal(rise)) return [];
    const savingMinor = expectedMinor(rise.earlierMinor, rise.recentMinor) - rise.earlierMinor;
    if (middleMinor(rise) < rise.earlierMinor + savingMinor) return [];
    const confidence = confidenceOf(rise);
    if (confidence < smallestConfidence || !isWorthIt(rise, savingMinor, monthlyMinor, currency)) return [];
    return [suggestionFrom(category, rise, { savingMinor, confidence })];
  });
}

/** Benjamini and Hochberg 1995: the largest p that counts as a discovery, or 0. */
function largestDiscovery(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted.findLast((p, index) => p <= (falseDiscoveries * (index + 1)) / sorted.length) ?? 0;
}

const isReal = (rise: Rise): boolean =>
  rise.z > smallestZ &&
  rise.monthsAbove === recentMonths &&
  rise.recentPurchases >= fewestPurchases &&
  isNotable(rise.recentMinor - rise.largestMinor / BigInt(recentMonths), rise.earlierMinor) &&
  [rise.before, rise.lastYear].every(
    (compared) =>
      compared === null || (compared.z > smallestZ && isNotable(rise.recentMinor, compared.meanMinor)),
  );

/** The middle one of the recent months. */
const middleMinor = ({ recent }: Rise): bigint =>
  lowerMedian(
    recent.map(({ totalMinor }) => totalMinor),
    (one, other) => (one < other ? -1 : 1),
  ) ?? 0n;

const isNotable = (recentMinor: bigint, comparedMinor: bigint): boolean =>
  notable.denominator * recentMinor >= notable.numerator * comparedMinor;

/** A rise of 20.00 a month, of which 10.00 and 1 % of all spending may be saved. */
const isWorthIt = (
  { earlierMinor, recentMinor }: Rise,
  savingMinor: bigint,
  monthlyMinor: bigint,
  currency: string,
): boolean =>
  recentMinor - earlierMinor >= minorUnits(20n, currency) &&
  savingMinor >= minorUnits(10n, currency) &&
  100n * savingMinor >= monthlyMinor;

function suggestionFrom(
  { categoryId, currency, window, merchants }: JudgedCategory,
  rise: Rise,
  { savingMinor, confidence }: Pick<Suggestion, 'savingMinor' | 'confidence'>,
): Suggestion {
  const { earlier, recent, earlierMinor, recentMinor } = rise;
  return {
    categoryId,
    currency,
    savingMinor,
    savingsPct: numberOf(over(100n * savingMinor, recentMinor), 1),
    confidence,
    difficulty: difficultyOf(rise.recentPurchases / recent.length),
    evidence: {
      type: 'spending_trend',
      ...window,
      merchants: merchants.slice(0, shownMerchants).map(merchantEvidence),
      earlier: earlier.map((each) => monthEvidence(each, each.boughtMinor)),
      recent: recent.map((each) => monthEvidence(each, each.totalMinor)),
      trendPct: numberOf(over(100n * (recentMinor - earlierMinor), earlierMinor), 1),
      z: Math.round(100 * rise.z) / 100,
      deviationMinor: Math.round(rise.deviation).toString(),
    },
  };
}

const merchantEvidence = ({ key, name, spentMinor, purchases }: MerchantSpending): MerchantEvidence => ({
  key,
  name,
  spentMinor: spentMinor.toString(),
  count: purchases,
});

const monthEvidence = ({ month, purchases }: BoughtMonth, totalMinor: bigint): MonthEvidence => ({
  month,
  totalMinor: totalMinor.toString(),
  count: purchases,
});
