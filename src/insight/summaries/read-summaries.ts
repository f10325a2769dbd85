/** Computes people's summaries of a day or a week from their current expenses. */
import { localDay } from '../../values/period.ts';
import { summarize, type SummaryFigures } from '../decide/summary.ts';
import { allOf } from '../../runtime/database/all-of.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { countAlerts } from './count-alerts.ts';
import { readSpanBudgets } from './read-span-budgets.ts';
import { type AskedSpan, readSpanSpending } from './read-span-spending.ts';

/**
 * In the order of `asked`, with a constant number of statements. Budgets of a span that still runs are as of
 * now.
 */
export async function readSummaries(
  sql: Sql,
  asked: readonly AskedSpan[],
  now: Temporal.Instant,
): Promise<SummaryFigures[]> {
  if (asked.length === 0) return [];
  const isRunning = ({ timeZone, span }: AskedSpan): boolean => localDay(now, timeZone) < span.end;
  const [spent, alerts, budgets] = await allOf([
    readSpanSpending(sql, asked),
    countAlerts(sql, asked),
    readSpanBudgets(sql, asked, isRunning),
  ]);
  return asked.map((each, index) => {
    const own = spent[index];
    if (!own) throw new Error('a summary for a tenant that there is not');
    return summarize(each.span, own, {
      alertsTriggered: alerts[index] ?? 0,
      budgets: budgets[index] ?? [],
    });
  });
}
