/**
 * The text of a daily or weekly summary: figures and comparisons alone. It does not judge: praise for spending less
 * would invite the person to spend the rest.
 */
import { anomaliesIn, type NotificationContent } from '../decide/content.ts';
import { anomalyMessage } from '../../insight/messages/anomaly-message.ts';
import type { BudgetFigures, SummaryFigures, TopTransaction } from '../../insight/decide/summary.ts';
import { alertPhrases, wholeMessage } from '../../alerts/messages/alert-message.ts';
import { timesIn } from '../../alerts/messages/share.ts';
import { say } from '../../values/catalogue/catalogue.ts';
import type { DayKind, UsualDay } from '../../insight/decide/usual-day.ts';
import { moneyIn, percentIn, type Reader } from '../../values/display.ts';
import { asSentence, listOf, together } from './list.ts';
import { isolatedName, onOneLine, shortened } from '../../values/display-name.ts';
import { periodName } from '../../alerts/messages/period-name.ts';
import { adviceSentences, aheadSentences } from './summary-ahead.ts';
import { newsWith } from './roll-up.ts';
import { datesOf, spanOf } from './since.ts';
import type { AlertFacts } from '../../alerts/decide/alert-facts.ts';

export type Summary = Extract<NotificationContent, { day: string; alerts: unknown }> & {
  figures: SummaryFigures;
};

const named = 3;
const nameLength = 40;

/** Null for any content but a summary with figures. */
export const summaryOf = (content: NotificationContent): Summary | null =>
  'figures' in content && content.figures ? { ...content, figures: content.figures } : null;

/** `Yesterday: $84.20, 12% less than usual`. `shown`: capped alerts, which replace the comparison. */
export function titleOfSummary(summary: Summary, shown: readonly AlertFacts[], reader: Reader): string {
  const title = say(reader, 'text.labelled', {
    label: spanName(summary, reader),
    text: totalOf(summary.figures, reader),
  });
  const anomalies = anomaliesIn(summary).length;
  if (shown.length + anomalies > 0)
    return say(reader, 'summary.withNews', { title, news: newsWith(shown, anomalies, reader) });
  const [comparison] = comparisonsOf(summary, reader);
  return comparison ? say(reader, 'summary.compared', { title, comparison }) : title;
}

/** `Yesterday`, `Last week`, or the dates. */
export function spanName({ type, day }: Summary, reader: Reader): string {
  switch (spanOf(type, day, reader)) {
    case 'yesterday':
      return say(reader, 'summary.yesterday');
    case 'last_week':
      return say(reader, 'summary.lastWeek');
    case null:
      return datesOf(type, day, reader);
  }
}

export const totalOf = ({ totalMinor, currency }: SummaryFigures, reader: Reader): string =>
  moneyIn(reader, BigInt(totalMinor), currency);

/** Comparisons, the most useful first; empty if there is nothing to compare with. */
export function comparisonsOf({ type, figures }: Summary, reader: Reader): string[] {
  const total = BigInt(figures.totalMinor);
  if (total < 0n) return [say(reader, 'summary.refunded')];
  if (total === 0n) return [];
  const comparison = comparisonOf(type, figures, reader);
  if (!figures.billsMinor) return comparison === null ? [] : [comparison];
  const bills = say(reader, 'summary.bills', { amount: amountOf(figures.billsMinor, figures, reader) });
  return comparison === null ? [bills] : [bills, say(reader, 'summary.rest', { comparison })];
}

/** Of what is no bill. A summary older than that comparison has the one of all spending. */
function comparisonOf(type: Summary['type'], figures: SummaryFigures, reader: Reader): string | null {
  const { previousPct, restPct = previousPct, usual, isUsualKnown } = figures;
  if (type === 'daily_summary') return usual ? comparedWithUsual(usual, reader) : null;
  return isUsualKnown && restPct !== null ? compared(restPct, 'weekBefore', reader) : null;
}

const comparedWithUsual = ({ kind, pct, isLargest }: UsualDay, reader: Reader): string =>
  isLargest && pct >= mostPct ? say(reader, 'summary.largestDay') : compared(pct, kind, reader);

/** A percentage is said between these alone: smaller ones are chance, and larger ones say nothing. */
const [leastPct, mostPct] = [10, 300] as const;

/** `pct`: the difference from the base. */
function compared(pct: number, base: DayKind | 'weekBefore', reader: Reader): string {
  const size = Math.round(Math.abs(pct));
  if (size < leastPct) return say(reader, 'summary.same', { base });
  if (size > mostPct) return say(reader, 'summary.farMore', { base });
  const percent = percentIn(reader.locale, size);
  return pct < 0
    ? say(reader, 'summary.less', { base, percent })
    : say(reader, 'summary.more', { base, percent });
}

export const expensesOf = ({ transactionCount: count }: SummaryFigures, reader: Reader): string =>
  say(reader, 'summary.expenses', { count });

/** `Food ($40.00), Transport ($12.00) and 2 more.` */
export const categoriesOf = (figures: SummaryFigures, reader: Reader, most = named): string =>
  listOf(
    figures.categories.map((category) =>
      say(reader, 'summary.item', {
        name: categoryName(category),
        amount: amountOf(category.totalMinor, figures, reader),
      }),
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

export const amountOf = (minor: string, { currency }: { currency: string }, reader: Reader): string =>
  moneyIn(reader, BigInt(minor), currency);

/** The budgets without an alert among `shown`. */
export const budgetsBeside = ({ budgets }: SummaryFigures, shown: readonly AlertFacts[]) =>
  budgets.filter(({ ruleId }) => shown.every((alert) => alert.ruleId !== ruleId));

/** `103% of $400.00`, `12 times $400.00`, `$12.30 of $0.00`. */
export function budgetShare(
  { pct, spentMinor, budgetMinor, currency }: BudgetFigures,
  reader: Reader,
): string {
  const budget = moneyIn(reader, BigInt(budgetMinor), currency);
  if (pct === null)
    return say(reader, 'summary.budgetNothing', {
      spent: moneyIn(reader, BigInt(spentMinor), currency),
      budget,
    });
  const times = timesIn(reader, BigInt(pct));
  return times === null
    ? say(reader, 'summary.budget', { percent: percentIn(reader.locale, pct), budget })
    : say(reader, 'summary.budgetTimes', { times, budget });
}

/** The whole summary, for the app. */
export function textOfSummary(summary: Summary, shown: readonly AlertFacts[], reader: Reader): string {
  const { figures } = summary;
  const budgets = budgetsBeside(figures, shown).map((budget) =>
    say(reader, 'summary.budgetItem', {
      name: isolatedName(budget.name),
      share: budgetShare(budget, reader),
    }),
  );
  return together(
    [
      figures.categories.length > 0
        ? labelled(expensesOf(figures, reader), categoriesOf(figures, reader), reader)
        : asSentence([expensesOf(figures, reader)], reader),
      largestOf(figures, reader),
      budgets.length > 0
        ? labelled(say(reader, 'summary.budgets'), listOf(budgets, named, reader), reader)
        : null,
      ...aheadOf(summary, reader),
      ...lateSentences(figures, reader),
      unratedIn(figures, reader),
      ...shown.map((alert) => wholeMessage(alertPhrases(alert, reader), reader)),
      ...anomaliesIn(summary).map((anomaly) => anomalyMessage(anomaly, reader).text),
    ],
    reader,
  );
}

/** A digest of a week says what to put aside for bills, and so does that of the first day of a month. */
export const aheadOf = ({ type, day, figures }: Summary, reader: Reader): string[] => [
  ...aheadSentences(figures.ahead, { sayAside: type === 'weekly_summary' || day.endsWith('-01') }, reader),
  ...adviceSentences(figures.advice, reader),
];

/** Says what the figures and the budgets leave out, a sentence each. Null if nothing. */
export function unratedIn({ unrated = 0, budgets }: SummaryFigures, reader: Reader): string | null {
  const lacking = budgets.flatMap(({ name, unrated: count = 0 }) =>
    count > 0 ? [say(reader, 'summary.unratedBudget', { name: isolatedName(name), count })] : [],
  );
  const sentences = [
    unrated > 0 ? say(reader, 'summary.unrated', { count: unrated }) : null,
    lacking.length > 0
      ? labelled(say(reader, 'summary.unratedBudgets'), listOf(lacking, named, reader), reader)
      : null,
  ];
  return sentences.some((sentence) => sentence !== null) ? together(sentences, reader) : null;
}

const labelled = (label: string, text: string, reader: Reader): string =>
  say(reader, 'text.labelled', { label, text });

/** What was posted late, and the levels that it reached in periods which are closed to alerts. */
export function lateSentences({ late, currency }: SummaryFigures, reader: Reader): string[] {
  if (!late) return [];
  const { count, totalMinor, levels } = late;
  return [
    say(reader, 'summary.late', { count, total: moneyIn(reader, BigInt(totalMinor), currency) }),
    ...levels.map((each) =>
      say(reader, 'summary.lateLevel', {
        rule: isolatedName(shortened(each.ruleName, nameLength, '…')),
        percent: percentIn(reader.locale, each.level),
        period: periodName(each, reader),
      }),
    ),
  ];
}

/** Null if it would only repeat the rest of the summary. */
function largestOf(figures: SummaryFigures, reader: Reader): string | null {
  const { topTransactions: top, transactionCount } = figures;
  if (top.length === 0 || (transactionCount === 1 && top[0]?.merchant === null)) return null;
  const items = top.map((each) =>
    say(reader, 'summary.item', {
      name: transactionName(each, figures),
      amount: amountOf(each.amountMinor, figures, reader),
    }),
  );
  return labelled(say(reader, 'summary.largestShort'), listOf(items, named, reader), reader);
}
