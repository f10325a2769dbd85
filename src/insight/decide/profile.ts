/**
 * Builds a person's spending profile: monthly figures per category, merchants and suggestions. The figures and merchants
 * are observations; only a few of them become suggestions.
 */
import { consolidationOf } from './consolidation.ts';
import { decimalOf, type Fraction, meanOf, numberOf, over, rounded, sumOf } from './fraction.ts';
import {
  isInWindow,
  type MerchantSpending,
  merchantsOf,
  type Window,
  windowEnding,
} from './merchant-spending.ts';
import {
  amountsOf,
  completeMonthsOf,
  type DaySpending,
  firstDayProfiled,
  type Month,
  purchasesOf,
  totalsOf,
} from './months.ts';
import { boughtMonthsOf, isJudged, riseOf } from './rise.ts';
import { type JudgedCategory, type Suggestion, suggestionsOf } from './suggestion.ts';
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
 * day of the first expense ever in each category.
 */
export type ProfileSource = {
  spending: readonly DaySpending[];
  firstDays: ReadonlyMap<string, string>;
  today: string;
  currency: string;
};

/** `months`: the complete ones of the profile. `spending`: that of all days read. */
type CategorySpending = {
  categoryId: string;
  spending: readonly DaySpending[];
  months: readonly Month[];
  window: Window;
  merchants: readonly MerchantSpending[];
};

/** A category without purchases and refunds in the profile's months and the current one is left out. */
export function profileOf(source: ProfileSource): Profile {
  const categories = categoriesOf(source);
  return {
    categories: categories.map(categoryProfile),
    analyses: categories.filter(({ merchants }) => merchants.length > 0).map(analysisOf),
    suggestions: suggestionsOf(
      categories.flatMap((category) => judgedCategory(category, source)),
      monthlyMinor(source),
    ),
  };
}

function categoriesOf({ spending, firstDays, today }: ProfileSource): CategorySpending[] {
  const window = windowEnding(today);
  const firstDay = firstDayProfiled(today);
  return [...Map.groupBy(spending, ({ categoryId }) => categoryId)]
    .filter(([, own]) => own.some(({ day }) => day >= firstDay))
    .map(([categoryId, own]) => ({
      categoryId,
      spending: own,
      months: totalsOf(own, completeMonthsOf(firstDays.get(categoryId) ?? today, today)),
      window,
      merchants: merchantsOf(own.filter((each) => isInWindow(each, window))),
    }));
}

/** Recurring charges are left out, from the merchants too. */
function judgedCategory(
  { categoryId, spending, window }: CategorySpending,
  { firstDays, today, currency }: ProfileSource,
): JudgedCategory[] {
  const months = boughtMonthsOf(spending, firstDays.get(categoryId) ?? today, today);
  if (!isJudged(months)) return [];
  const bought = spending.filter((each) => !each.isRecurring && isInWindow(each, window));
  return [{ categoryId, currency, rise: riseOf(months), window, merchants: merchantsOf(bought) }];
}

const recentMonths = 3;

/** The mean of the last three months, all categories and recurring charges included. */
function monthlyMinor({ spending, firstDays, today }: ProfileSource): bigint {
  const [firstDay = today] = [...firstDays.values()].toSorted();
  const months = completeMonthsOf(firstDay, today, recentMonths);
  return rounded(meanOf(amountsOf(totalsOf(spending, months))));
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
