/**
 * What a person's spending of a day or a week comes to, in their tenant's currency. Exact; amounts are minor
 * units. What has no rate into that currency is left out of every figure.
 */

import { percentMore } from '../../values/figures.ts';

/** Days are `YYYY-MM-DD`; `end` is exclusive. */
export type Span = { kind: 'day' | 'week'; start: string; end: string };

/** Kept as JSON, so amounts are in decimal. Percents have one decimal at most. */
export type SummaryFigures = {
  currency: string;
  /** Net of refunds. */
  totalMinor: string;
  transactionCount: number;
  /** Most spent on first. `name`: the category's, where it has been given one. */
  categories: { categoryId: string; name: string | null; totalMinor: string; count: number }[];
  /** The largest, without refunds. */
  topTransactions: TopTransaction[];
  /** Levels told of in the span. */
  alertsTriggered: number;
  budgets: BudgetFigures[];
  /** Against the day before or, of a week, the week before. Null: nothing to be compared with. */
  previousPct: number | null;
  /** Against the mean of the 7 days before. Null for a week. */
  weeklyAveragePct: number | null;
  /** Against the mean of the 30 days before. Null for a week. */
  monthlyAveragePct: number | null;
  /** Whether those 30 days, or of a week the 7, lie after the first expense: only then are they usual. */
  isUsualKnown: boolean;
};

export type TopTransaction = {
  expenseId: string;
  merchant: string | null;
  categoryId: string;
  amountMinor: string;
};

/** Of an active rule, in its own currency, in the period that holds the span's last day. */
export type BudgetFigures = {
  ruleId: string;
  name: string;
  spentMinor: string;
  budgetMinor: string;
  currency: string;
  pct: number;
};

/** Spent in a category on a day, in the summary's currency. */
export type Part = { day: string; categoryId: string; amountMinor: bigint; count: number };

/** What figures are made of. `parts` reach back `daysBefore(span)` days; `firstDay`: of all the person's expenses. */
export type Spent = {
  currency: string;
  parts: readonly Part[];
  /** Those of the span that may be among its largest. */
  largest: readonly (Omit<TopTransaction, 'amountMinor'> & { amountMinor: bigint })[];
  firstDay: string | null;
  names: ReadonlyMap<string, string>;
};

const lengths = { day: 1, week: 7 } as const;
const comparedDays = { day: 30, week: 7 } as const;
const shownTransactions = 3;

export const spanFrom = (kind: Span['kind'], start: string): Span => ({
  kind,
  start,
  end: dayAfter(start, lengths[kind]),
});

/** Of a digest made on the local `day`: the day before it, or the seven. */
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
    categories: categoriesOf(parts, spent.names),
    topTransactions: topOf(spent.largest),
    ...others,
    ...comparisonsOf(span, spent.parts, total),
    isUsualKnown: spent.firstDay !== null && spent.firstDay <= comparedFrom(span),
  };
}

const sumOf = (parts: readonly Part[]): bigint =>
  parts.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);

/** One whose expenses have all been deleted or moved is none. */
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
