/** Contents of summaries, and how each channel shows them. */
import type { AlertFacts } from '../../../../src/alerts/decide/alert-facts.ts';
import type { SummaryFigures } from '../../../../src/insight/decide/summary.ts';
import type { NotificationContent } from '../../../../src/notify/decide/content.ts';
import { noLinks } from '../../../../src/notify/messages/links.ts';
import { renderMessage } from '../../../../src/notify/messages/render.ts';
import type { Channel } from '../../../../src/values/channels.ts';
import { reader } from '../alert-facts.ts';

export const figures: SummaryFigures = {
  currency: 'USD',
  totalMinor: '8420',
  transactionCount: 4,
  categories: [
    { categoryId: 'food', name: 'Groceries', totalMinor: '4230', count: 2 },
    { categoryId: 'fun', name: null, totalMinor: '2500', count: 1 },
    { categoryId: 'trains', name: 'Trains', totalMinor: '1690', count: 1 },
  ],
  topTransactions: [
    { expenseId: 'e1', merchant: 'Corner Shop', categoryId: 'food', amountMinor: '3210' },
    { expenseId: 'e2', merchant: null, categoryId: 'fun', amountMinor: '2500' },
  ],
  alertsTriggered: 1,
  budgets: [
    { ruleId: 'r1', name: 'Food', spentMinor: '41230', budgetMinor: '40000', currency: 'USD', pct: 103 },
    { ruleId: 'r2', name: 'All', spentMinor: '3000', budgetMinor: '10000', currency: 'EUR', pct: 30 },
  ],
  previousPct: 5,
  weeklyAveragePct: null,
  monthlyAveragePct: -11.8,
  isUsualKnown: true,
  usual: { kind: 'weekday', pct: -11.8, isLargest: false },
};

export const usually = (pct: number, isLargest = false, kind: 'weekday' | 'weekend' = 'weekday') => ({
  usual: { kind, pct, isLargest },
});

export type Change = Partial<SummaryFigures>;
export const daily = (
  change: Change = {},
  alerts: AlertFacts[] = [],
  day = '2026-11-20',
): NotificationContent => ({
  type: 'daily_summary',
  day,
  alerts,
  figures: { ...figures, ...change },
});
export const weekly = (change: Change = {}, day = '2026-11-09'): NotificationContent => ({
  type: 'weekly_summary',
  day,
  alerts: [],
  figures: { ...figures, monthlyAveragePct: null, ...change },
});
export const render = (content: NotificationContent, channel: Channel, locale = 'en') =>
  renderMessage(content, channel, { ...reader, locale }, { sender: 'Acme', links: noLinks });
export const title = (content: NotificationContent): string => render(content, 'in-app').title;
