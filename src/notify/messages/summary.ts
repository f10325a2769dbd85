/**
 * The text of a daily or weekly summary: figures and comparisons alone. It does not judge: praise for spending less
 * would invite the person to spend the rest.
 */
import type { NotificationContent } from '../decide/content.ts';
import type { SummaryFigures, TopTransaction } from '../../insight/decide/summary.ts';
import { alertPhrases } from '../../alerts/messages/alert-message.ts';
import { amountIn, dayIn, numberIn, type Reader } from '../../values/display.ts';
import { listOf } from './list.ts';
import { isolatedName, onOneLine, shortened } from '../../values/display-name.ts';
import { sinceWhen } from '../../alerts/messages/period-name.ts';
import { newsOf } from './roll-up.ts';
import type { AlertFacts } from '../../alerts/decide/alert-facts.ts';

export type Summary = Extract<NotificationContent, { day: string }> & { figures: SummaryFigures };

const named = 3;
const nameLength = 40;

/** Null for any content but a summary with figures. */
export const summaryOf = (content: NotificationContent): Summary | null =>
  'figures' in content && content.figures ? { ...content, figures: content.figures } : null;

/** `Yesterday: 84.20 USD, 12 % less than usual`. `shown`: capped alerts, which replace the comparison. */
export function titleOfSummary(summary: Summary, shown: readonly AlertFacts[], reader: Reader): string {
  const figure = `${spanName(summary, reader)}: ${totalOf(summary.figures, reader)}`;
  if (shown.length > 0) return `${figure}; ${newsOf(shown, reader)}`;
  const [comparison] = comparisonsOf(summary, reader);
  return comparison ? `${figure}, ${comparison}` : figure;
}

/** `Yesterday`, `Last week`, or the date. */
export function spanName({ type, day }: Summary, reader: Reader): string {
  const when = sinceWhen(type, day, reader);
  const date = dayIn(reader.locale, Temporal.PlainDate.from(day));
  if (when === date) return type === 'weekly_summary' ? `Week of ${date}` : date;
  return `${when.charAt(0).toUpperCase()}${when.slice(1)}`;
}

export const totalOf = ({ totalMinor, currency }: SummaryFigures, { locale }: Reader): string =>
  `${amountIn(locale, BigInt(totalMinor), currency)} ${currency}`;

/** Comparisons, the most useful first; empty if there is nothing to compare with. */
export function comparisonsOf({ type, figures }: Summary, reader: Reader): string[] {
  const total = BigInt(figures.totalMinor);
  if (total < 0n) return ['more came back than was spent'];
  if (total === 0n) return [];
  const { previousPct, monthlyAveragePct, isUsualKnown } = figures;
  const usual = isUsualKnown ? compared(monthlyAveragePct, 'usual', reader) : null;
  const before =
    type === 'daily_summary'
      ? compared(previousPct, 'the day before', reader)
      : isUsualKnown && compared(previousPct, 'the week before', reader);
  return [usual, before].filter((each) => typeof each === 'string');
}

function compared(pct: number | null, base: string, { locale }: Reader): string | null {
  if (pct === null) return null;
  const size = Math.round(Math.abs(pct));
  if (size === 0) return base === 'usual' ? 'as much as usual' : `as much as ${base}`;
  return `${numberIn(locale, size)} % ${pct < 0 ? 'less' : 'more'} than ${base}`;
}

export function expensesOf({ transactionCount: count }: SummaryFigures, { locale }: Reader): string {
  return `${numberIn(locale, count)} ${count === 1 ? 'expense' : 'expenses'}`;
}

/** `Food 40.00, Transport 12.00 and 2 more.` */
export const categoriesOf = (figures: SummaryFigures, reader: Reader, most = named): string =>
  listOf(
    figures.categories.map(
      (category) => `${categoryName(category)} ${amountOf(category.totalMinor, figures, reader)}`,
    ),
    most,
    reader,
  );

export const categoryName = ({ categoryId, name }: { categoryId: string; name: string | null }): string =>
  isolatedName(shortened(name ?? categoryId, nameLength, '…'));

/** The merchant's name, else the category's. */
export function transactionName({ merchant, categoryId }: TopTransaction, figures: SummaryFigures): string {
  if (merchant !== null && onOneLine(merchant) !== '')
    return isolatedName(shortened(merchant, nameLength, '…'));
  const category = figures.categories.find((each) => each.categoryId === categoryId);
  return categoryName({ categoryId, name: category?.name ?? null });
}

export const amountOf = (minor: string, { currency }: { currency: string }, { locale }: Reader): string =>
  amountIn(locale, BigInt(minor), currency);

/** The budgets without an alert among `shown`. */
export const budgetsBeside = ({ budgets }: SummaryFigures, shown: readonly AlertFacts[]) =>
  budgets.filter(({ ruleId }) => shown.every((alert) => alert.ruleId !== ruleId));

/** The whole summary, for the app. */
export function textOfSummary({ figures }: Summary, shown: readonly AlertFacts[], reader: Reader): string {
  const budgets = budgetsBeside(figures, shown).map(
    ({ name, pct }) => `${isolatedName(name)} ${numberIn(reader.locale, pct)} %`,
  );
  const parts = [
    figures.categories.length > 0
      ? `${expensesOf(figures, reader)}: ${categoriesOf(figures, reader)}`
      : `${expensesOf(figures, reader)}.`,
    largestOf(figures, reader),
    budgets.length > 0 ? `Budgets: ${listOf(budgets, named, reader)}` : null,
    unratedIn(figures, reader),
    ...shown.map((alert) => alertPhrases(alert, reader).sentence),
  ];
  return parts.filter((part) => part !== null).join(' ');
}

/** Says what the figures and the budgets leave out, a sentence each. Null if nothing. */
export function unratedIn({ unrated = 0, budgets }: SummaryFigures, reader: Reader): string | null {
  const lacking = budgets.flatMap(({ name, unrated: count = 0 }) =>
    count > 0 ? [`${isolatedName(name)} ${numberIn(reader.locale, count)}`] : [],
  );
  const sentences = [
    ...(unrated > 0 ? [leftOut(unrated, reader)] : []),
    ...(lacking.length > 0
      ? [`Budgets leave out expenses without an exchange rate: ${listOf(lacking, named, reader)}`]
      : []),
  ];
  return sentences.length > 0 ? sentences.join(' ') : null;
}

const leftOut = (count: number, { locale }: Reader): string =>
  count === 1
    ? '1 expense is left out, because no exchange rate is known for it.'
    : `${numberIn(locale, count)} expenses are left out, because no exchange rate is known for them.`;

/** Null if it would only repeat the rest of the summary. */
function largestOf(figures: SummaryFigures, reader: Reader): string | null {
  const { topTransactions: top, transactionCount } = figures;
  if (top.length === 0 || (transactionCount === 1 && top[0]?.merchant === null)) return null;
  const items = top.map(
    (each) => `${transactionName(each, figures)} ${amountOf(each.amountMinor, figures, reader)}`,
  );
  return `Largest: ${listOf(items, named, reader)}`;
}
