/**
 * Computes the summary of a person's day or week in their tenant's currency. Figures are exact, amounts are
 * minor units. An expense without a rate into that currency is left out of every figure but `unrated`, which counts it.
 */

import type { Evidence } from './suggestion.ts';
import { compareWithUsual, type UsualDay, usualDays } from './usual-day.ts';
import { percentMore } from '../../values/figures.ts';
import type { BudgetPeriodKind, Period } from '../../values/period.ts';

/** Days are `YYYY-MM-DD` and `end` is exclusive. */
export type Span = { kind: 'day' | 'week'; start: string; end: string };

/** Stored as JSON, so amounts are decimal strings. Percentages have at most one decimal. */
export type SummaryFigures = {
  currency: string;
  /** Net of refunds. */
  totalMinor: string;
  transactionCount: number;
  /** Expenses of the span that are left out for want of an exchange rate. Summaries of earlier versions have no count. */
  unrated?: number;
  /** The largest total first. `name` is the category's name, if it has one. */
  categories: { categoryId: string; name: string | null; totalMinor: string; count: number }[];
  /** The largest expenses, without refunds. */
  topTransactions: TopTransaction[];
  /** Levels that the person was notified of in the span. */
  alertsTriggered: number;
  budgets: BudgetFigures[];
  /**
   * Compared with the day before, or for a week with the week before. Null if there is nothing to compare
   * with.
   */
  previousPct: number | null;
  /** Compared with the mean of the 7 days before. Null for a week. */
  weeklyAveragePct: number | null;
  /** Compared with the mean of the 30 days before. Null for a week. */
  monthlyAveragePct: number | null;
  /**
   * Whether the whole comparison time (30 days, or 7 for a week) lies after the person's first expense.
   */
  isUsualKnown: boolean;
  /** Of the span: bills of a month, a quarter or a year. Absent if there is none, and in summaries older than the field. */
  billsMinor?: string;
  /** Of a week: as `previousPct`, without bills. Absent in summaries older than the field. */
  restPct?: number | null;
  /**
   * Of a day: beside the usual day of its kind, without bills. Null if too few are known, or if all of it was bills; absent
   * in summaries older than the field.
   */
  usual?: UsualDay | null;
  /** Absent where nothing lies ahead, and where a summary is no digest. */
  ahead?: AheadFigures;
  /** A recommendation that was not told before. Absent if there is none, and where a summary is no digest. */
  advice?: AdviceFigures;
  /** Absent if nothing was posted late, and in summaries older than the field. */
  late?: LateFigures;
};

/** A budget that will probably not do: what its period ends at, but for one ending in ten below and one above. */
export type BudgetAhead = {
  name: string;
  budgetMinor: string;
  lowMinor: string;
  highMinor: string;
  currency: string;
};

/**
 * What lies ahead of the person. `due`: bills of the next seven days. `setAside`: what quarterly and yearly bills come to in
 * a month, by currency. Stored as JSON.
 */
export type AheadFigures = {
  due: { merchant: string; amountMinor: string; currency: string; day: string }[];
  setAside: { monthlyMinor: string; currency: string }[];
  budgets: BudgetAhead[];
};

/** `savingMinor`: of a month. Stored as JSON. */
export type AdviceFigures = {
  recommendationId: string;
  category: string;
  currency: string;
  savingMinor: string;
  evidence: Evidence;
};

/** Expenses that were posted late, of days before the span. `levels`: reached by them in periods closed to alerts. */
export type LateFigures = {
  count: number;
  /** Net of refunds, in the summary's currency. */
  totalMinor: string;
  levels: { ruleName: string; periodKind: BudgetPeriodKind; period: Period; level: number }[];
};

export type TopTransaction = {
  expenseId: string;
  merchant: string | null;
  categoryId: string;
  amountMinor: string;
};

/** An active rule in its own currency, in the period that contains the last day of the span. */
export type BudgetFigures = {
  ruleId: string;
  name: string;
  spentMinor: string;
  /** Of the period, with what it carries over. */
  budgetMinor: string;
  currency: string;
  /** Null if nothing was left of the budget to begin with. */
  pct: number | null;
  /** Expenses that `spentMinor` leaves out for want of an exchange rate. Summaries of earlier versions have no count. */
  unrated?: number;
};

/** Spending in a category on a day, in the summary's currency. */
export type Part = { day: string; categoryId: string; amountMinor: bigint; count: number };

/**
 * The input of a summary. `parts` reach back to `comparedFrom(span)`. `firstDay` is the day of the person's
 * first expense.
 */
export type Spent = {
  currency: string;
  parts: readonly Part[];
  /** Candidates for the largest expenses of the span. */
  largest: readonly (Omit<TopTransaction, 'amountMinor'> & { amountMinor: bigint })[];
  /** The last charge of each bill that comes every month or less often, in the compared time. */
  bills: readonly { day: string; amountMinor: bigint }[];
  /** Expenses of the span that have no exchange rate into the currency. */
  unrated: number;
  firstDay: string | null;
  names: ReadonlyMap<string, string>;
};

const lengths = { day: 1, week: 7 } as const;
const comparedDays = { day: usualDays, week: 7 } as const;
/** Of the three comparisons of the API the longest. */
const knownDays = { day: 30, week: 7 } as const;
const shownTransactions = 3;

export const spanFrom = (kind: Span['kind'], start: string): Span => ({
  kind,
  start,
  end: dayAfter(start, lengths[kind]),
});

/** The span of a digest made on the local `day`: the day before, or the seven days before. */
export const spanBefore = (type: 'daily_summary' | 'weekly_summary', day: string): Span =>
  type === 'daily_summary' ? spanFrom('day', dayAfter(day, -1)) : spanFrom('week', dayAfter(day, -7));

export const lastDayOf = ({ end }: Span): string => dayAfter(end, -1);

/** The first day that a span is compared with. */
export const comparedFrom = ({ kind, start }: Span): string => dayAfter(start, -comparedDays[kind]);

const dayAfter = (day: string, days: number): string => Temporal.PlainDate.from(day).add({ days }).toString();

export function summarize(
  span: Span,
  spent: Spent,
  others: Pick<SummaryFigures, 'alertsTriggered' | 'budgets'>,
): SummaryFigures {
  const parts = spent.parts.filter(({ day }) => day >= span.start && day < span.end);
  const total = sumOf(parts);
  return {
    currency: spent.currency,
    totalMinor: total.toString(),
    transactionCount: parts.reduce((count, part) => count + part.count, 0),
    unrated: spent.unrated,
    categories: categoriesOf(parts, spent.names),
    topTransactions: topOf(spent.largest),
    ...others,
    ...comparisonsOf(span, spent.parts, total),
    isUsualKnown: spent.firstDay !== null && spent.firstDay <= dayAfter(span.start, -knownDays[span.kind]),
    ...withoutBills(span, spent, total),
  };
}

/** A rent makes its day no unusual one. So bills are left out of what a day and a week are compared by in a digest. */
function withoutBills(
  { kind, start, end }: Span,
  { parts, bills }: Spent,
  total: bigint,
): Pick<SummaryFigures, 'billsMinor' | 'restPct' | 'usual'> {
  const billsMinor = sumOf(bills.filter(({ day }) => day >= start && day < end));
  const rest = [...parts, ...bills.map(({ day, amountMinor }) => ({ day, amountMinor: -amountMinor }))];
  const restMinor = total - billsMinor;
  return {
    ...(billsMinor > 0n && { billsMinor: billsMinor.toString() }),
    ...(kind === 'week'
      ? { restPct: percentMore(restMinor, sumOf(rest.filter(({ day }) => day < start))) }
      : { usual: billsMinor > 0n && restMinor <= 0n ? null : usualOf(start, rest, restMinor) }),
  };
}

type Spending = Pick<Part, 'day' | 'amountMinor'>;

function usualOf(day: string, spending: readonly Spending[], totalMinor: bigint): UsualDay | null {
  const before = [...Map.groupBy(spending, (each) => each.day)]
    .filter(([each]) => each < day)
    .map(([each, own]) => ({ day: each, totalMinor: sumOf(own) }));
  return compareWithUsual({ day, totalMinor }, before);
}

const sumOf = (parts: readonly Pick<Part, 'amountMinor'>[]): bigint =>
  parts.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);

/** A category is left out if all its expenses were deleted or moved. */
function categoriesOf(parts: readonly Part[], names: Spent['names']): SummaryFigures['categories'] {
  return [...Map.groupBy(parts, ({ categoryId }) => categoryId)]
    .map(([categoryId, own]) => ({
      categoryId,
      total: sumOf(own),
      count: own.reduce((count, part) => count + part.count, 0),
    }))
    .filter(({ count }) => count > 0)
    .sort((one, other) => descending(one.total, other.total) || ascending(one.categoryId, other.categoryId))
    .map(({ categoryId, total, count }) => ({
      categoryId,
      name: names.get(categoryId) ?? null,
      totalMinor: total.toString(),
      count,
    }));
}

const topOf = (largest: Spent['largest']): TopTransaction[] =>
  largest
    .filter(({ amountMinor }) => amountMinor > 0n)
    .toSorted(
      (one, other) =>
        descending(one.amountMinor, other.amountMinor) || ascending(one.expenseId, other.expenseId),
    )
    .slice(0, shownTransactions)
    .map((each) => ({ ...each, amountMinor: each.amountMinor.toString() }));

const descending = (one: bigint, other: bigint): number => (one === other ? 0 : one > other ? -1 : 1);
const ascending = (one: string, other: string): number => (one === other ? 0 : one < other ? -1 : 1);

type Comparisons = Pick<SummaryFigures, 'previousPct' | 'weeklyAveragePct' | 'monthlyAveragePct'>;

function comparisonsOf({ kind, start }: Span, parts: readonly Part[], total: bigint): Comparisons {
  const inDaysBefore = (days: number): bigint => {
    const from = dayAfter(start, -days);
    return sumOf(parts.filter(({ day }) => day >= from && day < start));
  };
  if (kind === 'week')
    return {
      previousPct: percentMore(total, inDaysBefore(7)),
      weeklyAveragePct: null,
      monthlyAveragePct: null,
    };
  return {
    previousPct: percentMore(total, inDaysBefore(1)),
    weeklyAveragePct: percentMore(7n * total, inDaysBefore(7)),
    monthlyAveragePct: percentMore(30n * total, inDaysBefore(30)),
  };
}
