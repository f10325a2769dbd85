/**
 * Makes budgets from past spending: for each person and category, the median of the months that have rows. Months
 * without rows do not count as zero, or a card that is seldom used would get a budget of zero.
 */
import { formatAmount } from '../../values/money.ts';
import type { StatementRow } from '../../ingest/statement-files/read-row.ts';
import type { PlannedRule } from '../replay.ts';

/** Fewer months are too few for a budget. */
const monthsNeeded = 3;

/** One monthly rule for each pair with enough months and a median above zero, in order of first appearance. */
export function medianRules(history: readonly StatementRow[], currency: string): PlannedRule[] {
  const rules: PlannedRule[] = [];
  for (const { userId, categoryId, months } of monthlySums(history)) {
    const median = months.size < monthsNeeded ? 0n : medianOf([...months.values()]);
    if (median <= 0n) continue;
    const budgetAmount = formatAmount(median, currency);
    rules.push({ userId, body: { name: categoryId, categoryId, budgetAmount } });
  }
  return rules;
}

type Pair = { userId: string; categoryId: string; months: Map<string, bigint> };

function monthlySums(rows: readonly StatementRow[]): Pair[] {
  const pairs = new Map<string, Pair>();
  for (const { userId, categoryId, day, amountMinor } of rows) {
    const key = JSON.stringify([userId, categoryId]);
    const pair = pairs.get(key) ?? { userId, categoryId, months: new Map<string, bigint>() };
    const month = day.slice(0, 7);
    pair.months.set(month, (pair.months.get(month) ?? 0n) + amountMinor);
    pairs.set(key, pair);
  }
  return [...pairs.values()];
}

/** The median; for an even number of values the mean of the middle two, with half a minor unit rounded up. */
export function medianOf(values: readonly bigint[]): bigint {
  const sorted = values.toSorted((a, b) => (a < b ? -1 : Number(a > b)));
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0n;
  const lower = sorted.length % 2 === 1 ? upper : (sorted[middle - 1] ?? 0n);
  // `>>` rounds down, also below zero.
  return (lower + upper + 1n) >> 1n;
}
