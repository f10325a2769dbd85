/** Builds a person's spending profile: monthly figures per category, merchants and suggestions. */
import { consolidationOf } from './consolidation.ts';
import { decimalOf, type Fraction, numberOf, over, sumOf } from './fraction.ts';
import {
  isInWindow,
  type MerchantSpending,
  merchantsOf,
  type Window,
  windowEnding,
} from './merchant-spending.ts';
import { amountsOf, completeMonthsOf, type DaySpending, purchasesOf, totalsOf } from './months.ts';
import { type CategorySpending, smallestSaving, type Suggestion, suggestionsOf } from './suggestion.ts';
import { trendOf } from './trend.ts';
import { coefficientOf, volatilityOf } from './volatility.ts';

/**
 * Covers at most six complete months. Averages are null without one. Refunds reduce the totals and do not
 * count as purchases.
 */
export type CategoryProfile = {
  categoryId: string;
  months: number;
  purchases: number;
  monthlyAverage: Fraction | null;
  averageTransaction: Fraction | null;
  purchasesPerMonth: Fraction | null;
  trendPct: number | null;
  volatility: number | null;
};

/** `target` is null if there is nothing to consolidate. */
export type MerchantAnalysis = {
  categoryId: string;
  window: Window;
  merchants: readonly MerchantSpending[];
  target: { key: string; concentration: string; rate: string; monthlySaving: Fraction } | null;
};

export type Profile = {
  categories: CategoryProfile[];
  analyses: MerchantAnalysis[];
  suggestions: Suggestion[];
};

/**
 * `spending` is in minor units of `currency`, from `firstDayLookedAt(today)` to `today`. `firstDays` has the
 * day of the first expense ever in each category. `minimumMinor` is the smallest saving for which
 * consolidation is suggested.
 */
export type ProfileSource = {
  spending: readonly DaySpending[];
  firstDays: ReadonlyMap<string, string>;
  today: string;
  currency: string;
  minimumMinor?: bigint;
};

/** A category without purchases and refunds in these months is left out. */
export function profileOf({ minimumMinor, ...source }: ProfileSource): Profile {
  const smallest = minimumMinor ?? smallestSaving(source.currency);
  const categories = categoriesOf(source);
  return {
    categories: categories.map(categoryProfile),
    analyses: categories.filter(({ merchants }) => merchants.length > 0).map(analysisOf),
    suggestions: categories.flatMap((category) => suggestionsOf(category, smallest)),
  };
}

function categoriesOf({ spending, firstDays, today, currency }: ProfileSource): CategorySpending[] {
  const window = windowEnding(today);
  return [...Map.groupBy(spending, ({ categoryId }) => categoryId)].map(([categoryId, own]) => ({
    categoryId,
    currency,
    spending: own,
    months: totalsOf(own, completeMonthsOf(firstDays.get(categoryId) ?? today, today)),
    window,
    merchants: merchantsOf(own.filter((each) => isInWindow(each, window))),
  }));
}

function categoryProfile({ categoryId, months }: CategorySpending): CategoryProfile {
  const total = sumOf(amountsOf(months));
  const purchases = purchasesOf(months);
  const trend = trendOf(months);
  const volatility = volatilityOf(months);
  const perMonth = (amount: bigint) => (months.length === 0 ? null : over(amount, months.length));
  return {
    categoryId,
    months: months.length,
    purchases,
    monthlyAverage: perMonth(total),
    averageTransaction: purchases === 0 ? null : over(total, purchases),
    purchasesPerMonth: perMonth(BigInt(purchases)),
    trendPct: trend && percentOf(trend.increase),
    volatility: volatility && coefficientOf(volatility),
  };
}

const percentOf = ({ numerator, denominator }: Fraction): number =>
  numberOf(over(100n * numerator, denominator), 1);

function analysisOf({ categoryId, window, merchants }: CategorySpending): MerchantAnalysis {
  const found = consolidationOf(merchants);
  const target = found && {
    key: found.target.key,
    concentration: decimalOf(found.concentration, 6),
    rate: decimalOf(found.rate, 6),
    monthlySaving: found.monthlySaving,
  };
  return { categoryId, window, merchants, target };
}
