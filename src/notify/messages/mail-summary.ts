/** The figures of a summary in a mail: a large total, then sections of rows. */
import type { BudgetFigures, SummaryFigures } from '../../insight/decide/summary.ts';
import { type Bar, barOfBudget } from './bar.ts';
import { say } from '../../values/catalogue/catalogue.ts';
import type { Reader } from '../../values/display.ts';
import { asSentence, together } from './list.ts';
import { datesOf } from './since.ts';
import {
  aheadOf,
  amountOf,
  budgetsBeside,
  budgetShare,
  categoryName,
  comparisonsOf,
  expensesOf,
  lateSentences,
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
  const [first, second] = [spanName(summary, reader), datesOf(summary.type, summary.day, reader)];
  return first === second ? first : say(reader, 'text.phrases', { first, second });
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

/** `3 expenses, 1 alert. 12% less than on a usual weekday.` What lies ahead. Then what the budgets leave out. */
function detailsOf(summary: Summary, reader: Reader): string {
  const { alertsTriggered: alerts } = summary.figures;
  const counts = [
    expensesOf(summary.figures, reader),
    ...(alerts > 0 ? [say(reader, 'summary.alerts', { count: alerts })] : []),
  ];
  const sentences = [counts, comparisonsOf(summary, reader)].filter((parts) => parts.length > 0);
  return together(
    [
      ...sentences.map((parts) => asSentence(parts, reader)),
      ...aheadOf(summary, reader),
      ...lateSentences(summary.figures, reader),
      unratedIn(summary.figures, reader),
    ],
    reader,
  );
}

function categorySection(figures: SummaryFigures, reader: Reader): MailSection {
  const { categories } = figures;
  const largest = BigInt(categories[0]?.totalMinor ?? 0);
  return sectionOf('summary.categories', categories, reader, (category) => ({
    name: categoryName(category),
    value: amountOf(category.totalMinor, figures, reader),
    bar: largest > 0n ? barOfBudget(BigInt(category.totalMinor), largest, 'info') : null,
  }));
}

const largestSection = (figures: SummaryFigures, reader: Reader): MailSection =>
  sectionOf('summary.largest', figures.topTransactions, reader, (each) => ({
    name: transactionName(each, figures),
    value: amountOf(each.amountMinor, figures, reader),
    bar: null,
  }));

const budgetSection = (budgets: readonly BudgetFigures[], reader: Reader): MailSection =>
  sectionOf('summary.budgets', budgets, reader, (budget) => ({
    name: categoryName({ categoryId: budget.name, name: null }),
    value: budgetShare(budget, reader),
    bar: barOfBudget(BigInt(budget.spentMinor), BigInt(budget.budgetMinor), toneOf(budget)),
  }));

function toneOf({ pct, spentMinor }: BudgetFigures): Bar['tone'] {
  if (pct === null) return BigInt(spentMinor) > 0n ? 'danger' : 'info';
  if (pct >= 100) return 'danger';
  return pct >= 80 ? 'warning' : 'info';
}

function sectionOf<Item>(
  heading: 'summary.categories' | 'summary.largest' | 'summary.budgets',
  items: readonly Item[],
  reader: Reader,
  rowOf: (item: Item) => MailRow,
): MailSection {
  const rest = items.length - rowsAtMost;
  return {
    heading: say(reader, heading),
    rows: items.slice(0, rowsAtMost).map(rowOf),
    rest: rest > 0 ? say(reader, 'list.rest', { count: rest }) : null,
  };
}
