/** Suggestions about a person's spending in a category, with the figures to check them. */
import { minorDigits } from '../../values/money.ts';
import { type Consolidation, consolidationOf, windowMonths } from './consolidation.ts';
import {
  decimalOf,
  difference,
  type Fraction,
  isAtLeast,
  numberOf,
  over,
  percentageOf,
  rounded,
} from './fraction.ts';
import { isInWindow, type MerchantSpending, type Window } from './merchant-spending.ts';
import { type DaySpending, type Month, purchasesOf } from './months.ts';
import { notableIncrease, type Trend, trendOf } from './trend.ts';
import { coefficientOf, notableSquare, type Volatility, volatilityOf } from './volatility.ts';
import { confidenceOf, type Difficulty, difficultyOf } from './confidence.ts';

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
export type Evidence = Common &
  (
    | { type: 'merchant_consolidation'; targetKey: string; elsewhereMinor: string; rate: string }
    | { type: 'spending_trend'; earlier: MonthEvidence[]; recent: MonthEvidence[]; trendPct: number }
    | { type: 'spending_volatility'; months: MonthEvidence[]; volatility: number }
  );

export type Suggestion = {
  categoryId: string;
  currency: string;
  savingMinor: bigint;
  /** Percentage of the monthly spending in the category. */
  savingsPct: number;
  confidence: number;
  difficulty: Difficulty;
  evidence: Evidence;
};

/**
 * One category. `spending` covers all examined days, `months` the complete months and `merchants` the window.
 */
export type CategorySpending = {
  categoryId: string;
  currency: string;
  spending: readonly DaySpending[];
  months: readonly Month[];
  window: Window;
  merchants: readonly MerchantSpending[];
};

/** A smaller saving than 5.00 a month is not worth a change of habit. */
export const smallestSaving = (currency: string): bigint => 5n * 10n ** BigInt(minorDigits(currency));

const shownMerchants = 3;

export const suggestionsOf = (category: CategorySpending, minimumMinor: bigint): Suggestion[] =>
  [
    suggestConsolidation(category, consolidationOf(category.merchants), minimumMinor),
    suggestTrend(category, trendOf(category.months)),
    suggestVolatility(category, volatilityOf(category.months)),
  ].flatMap((found) => (found && found.savingMinor > 0n ? [found] : []));

function suggestConsolidation(
  category: CategorySpending,
  found: Consolidation | null,
  minimumMinor: bigint,
): Suggestion | null {
  if (!found || !isAtLeast(found.monthlySaving, over(minimumMinor, 1))) return null;
  const { target, merchants, elsewhereMinor, rate, monthlySaving } = found;
  const effect = Number(rounded(monthlySaving)) / Math.max(1, Number(minimumMinor));
  const purchases = purchasesOf(merchants);
  return suggestionFrom(category, {
    saving: monthlySaving,
    monthly: over(elsewhereMinor + target.spentMinor, windowMonths),
    confidence: confidenceOf({ months: monthsWithSpending(category), purchases, effect }),
    habits: merchants.length - 1,
    evidence: {
      type: 'merchant_consolidation',
      ...category.window,
      merchants: merchants.map(merchantEvidence),
      targetKey: target.key,
      elsewhereMinor: elsewhereMinor.toString(),
      rate: decimalOf(rate, 6),
    },
  });
}

function suggestTrend(category: CategorySpending, trend: Trend | null): Suggestion | null {
  if (!trend || isAtLeast(notableIncrease, trend.increase)) return null;
  const { earlier, recent, earlierMean, recentMean, increase } = trend;
  const months = [...earlier, ...recent];
  const effect = numberOf(increase, 4) / numberOf(notableIncrease, 4);
  return suggestionFrom(category, {
    saving: difference(recentMean, earlierMean),
    monthly: recentMean,
    confidence: confidenceOf({ months: months.length, purchases: purchasesOf(months), effect }),
    habits: purchasesOf(recent) / recent.length,
    evidence: {
      type: 'spending_trend',
      ...largestMerchants(category),
      earlier: earlier.map(monthEvidence),
      recent: recent.map(monthEvidence),
      trendPct: numberOf(over(100n * increase.numerator, increase.denominator), 1),
    },
  });
}

function suggestVolatility(category: CategorySpending, volatility: Volatility | null): Suggestion | null {
  if (!volatility || isAtLeast(notableSquare, volatility.squared)) return null;
  const { months, mean, excess } = volatility;
  const coefficient = coefficientOf(volatility);
  const effect = coefficient / Math.sqrt(numberOf(notableSquare, 4));
  return suggestionFrom(category, {
    saving: excess,
    monthly: mean,
    confidence: confidenceOf({ months: months.length, purchases: purchasesOf(months), effect }),
    habits: purchasesOf(months) / months.length,
    evidence: {
      type: 'spending_volatility',
      ...largestMerchants(category),
      months: months.map(monthEvidence),
      volatility: coefficient,
    },
  });
}

type Found = {
  saving: Fraction;
  /** Monthly spending that the saving is taken from. */
  monthly: Fraction;
  confidence: number;
  habits: number;
  evidence: Evidence;
};

const suggestionFrom = (
  { categoryId, currency }: CategorySpending,
  { saving, monthly, confidence, habits, evidence }: Found,
): Suggestion => ({
  categoryId,
  currency,
  savingMinor: rounded(saving),
  savingsPct: percentageOf(saving, monthly),
  confidence,
  difficulty: difficultyOf(habits),
  evidence,
});

/** Counts the 30-day months of the window in which anything was spent. */
function monthsWithSpending({ spending, window }: CategorySpending): number {
  const first = Temporal.PlainDate.from(window.firstDay);
  const inWindow = spending.filter((each) => isInWindow(each, window));
  return new Set(inWindow.map(({ day }) => Math.floor(first.until(day, { largestUnit: 'days' }).days / 30)))
    .size;
}

const largestMerchants = ({ window, merchants }: CategorySpending): Common => ({
  ...window,
  merchants: merchants.slice(0, shownMerchants).map(merchantEvidence),
});

const merchantEvidence = ({ key, name, spentMinor, purchases }: MerchantSpending): MerchantEvidence => ({
  key,
  name,
  spentMinor: spentMinor.toString(),
  count: purchases,
});

const monthEvidence = ({ month, totalMinor, purchases }: Month): MonthEvidence => ({
  month,
  totalMinor: totalMinor.toString(),
  count: purchases,
});
