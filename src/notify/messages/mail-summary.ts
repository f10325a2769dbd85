/** The figures of a summary in a mail: a large total, then sections of rows. */
import type { BudgetFigures, SummaryFigures } from '../../insight/decide/summary.ts';
import { type Bar, barOfBudget } from './bar.ts';
import { dayIn, numberIn, type Reader } from '../../values/display.ts';
import {
  amountOf,
  budgetsBeside,
  categoryName,
  comparisonsOf,
  expensesOf,
  spanName,
  type Summary,
  totalOf,
  transactionName,
  unratedIn,
} from './summary.ts';
import type { AlertFacts } from '../../alerts/decide/alert-facts.ts';

/** `details`: counts and comparisons for the total. */
export type MailFigures = { total: string; details: string; sections: MailSection[] };
export type MailSection = { heading: string; rows: MailRow[]; rest: string | null };
type MailRow = { name: string; value: string; bar: Bar | null };

const rowsAtMost = 6;

/** `Yesterday, November 20, 2026`. */
export function summaryHeading(summary: Summary, reader: Reader): string {
  const name = spanName(summary, reader);
  const date = dayIn(reader.locale, Temporal.PlainDate.from(summary.day));
  if (name.endsWith(date)) return name;
  return summary.type === 'daily_summary' ? `${name}, ${date}` : `${name}, from ${date}`;
}

export const mailFigures = (summary: Summary, shown: readonly AlertFacts[], reader: Reader): MailFigures => ({
  total: totalOf(summary.figures, reader),
  details: detailsOf(summary, reader),
  sections: [
    categorySection(summary.figures, reader),
    largestSection(summary.figures, reader),
    budgetSection(budgetsBeside(summary.figures, shown), reader),
  ].filter(({ rows }) => rows.length > 0),
});

/** `3 expenses, 1 alert. 12 % less than usual, 5 % more than the day before.` Then what the budgets leave out. */
function detailsOf(summary: Summary, reader: Reader): string {
  const { alertsTriggered: alerts } = summary.figures;
  const counts = [
    expensesOf(summary.figures, reader),
    ...(alerts > 0 ? [`${numberIn(reader.locale, alerts)} ${alerts === 1 ? 'alert' : 'alerts'}`] : []),
  ];
  return [counts, comparisonsOf(summary, reader)]
    .filter((parts) => parts.length > 0)
    .map((parts) => parts.join(', '))
    .map((text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`)
    .concat(unratedIn(summary.figures, reader) ?? [])
    .join(' ');
}

function categorySection(figures: SummaryFigures, reader: Reader): MailSection {
  const { categories } = figures;
  const largest = BigInt(categories[0]?.totalMinor ?? 0);
  return sectionOf('By category', categories, reader, (category) => ({
    name: categoryName(category),
    value: amountOf(category.totalMinor, figures, reader),
    bar: largest > 0n ? barOfBudget(BigInt(category.totalMinor), largest, 'info') : null,
  }));
}

const largestSection = (figures: SummaryFigures, reader: Reader): MailSection =>
  sectionOf('Largest payments', figures.topTransactions, reader, (each) => ({
    name: transactionName(each, figures),
    value: amountOf(each.amountMinor, figures, reader),
    bar: null,
  }));

const budgetSection = (budgets: readonly BudgetFigures[], reader: Reader): MailSection =>
  sectionOf('Budgets', budgets, reader, (budget) => ({
    name: categoryName({ categoryId: budget.name, name: null }),
    value: `${numberIn(reader.locale, budget.pct)} % of ${amountOf(budget.budgetMinor, budget, reader)} ${budget.currency}`,
    bar: barOfBudget(BigInt(budget.spentMinor), BigInt(budget.budgetMinor), toneOf(budget.pct)),
  }));

function toneOf(pct: number): Bar['tone'] {
  if (pct >= 100) return 'danger';
  return pct >= 80 ? 'warning' : 'info';
}

function sectionOf<Item>(
  heading: string,
  items: readonly Item[],
  { locale }: Reader,
  rowOf: (item: Item) => MailRow,
): MailSection {
  const rest = items.length - rowsAtMost;
  return {
    heading,
    rows: items.slice(0, rowsAtMost).map(rowOf),
    rest: rest > 0 ? `And ${numberIn(locale, rest)} more.` : null,
  };
}
