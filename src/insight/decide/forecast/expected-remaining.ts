/** Expects what a scope will still cost until the end of a period. Pure. Days are numbers, and spans end before `end`. */
import type { DailySums } from './daily-sums.ts';
import type { DayWeights } from './day-weights.ts';

export type Span = { start: number; end: number };

/**
 * `sums`: of the scope, up to the day before `now`. `first`: the day of its first expense. `now`: the first day that is still
 * to come.
 */
export type ScopeInPeriod = {
  sums: DailySums;
  first: number;
  period: Span;
  now: number;
  weights: DayWeights;
};

/** `amount`: minor units. `cell`: expectations that go astray alike share it. */
export type Expected = { amount: number; cell: string };

export const monthLength = 30;
const historyMonths = 6;
/** The running period is judged as if so many months had been seen before. */
const priorMonths = 0.7;

const daysLeftBelow = [3, 6, 11, 17, 24] as const;
const purchasesBelow = [0.25, 0.5, 1, 2, 4, 8, 16, 32] as const;

/**
 * The spending of a day, as a mean of the last months and the running period, times the weights of the days to come. This is
 * the posterior mean of the rate of a Poisson process with a gamma prior. Null if no day was seen.
 */
export function expectedRemaining({ sums, first, period, now, weights }: ScopeInPeriod): Expected | null {
  const from = Math.max(first, sums.first, period.start - historyMonths * monthLength);
  const past = weights.between(from, period.start);
  const elapsed = weights.between(Math.max(first, period.start), now);
  const prior = past > 0 ? priorMonths * weights.between(now - monthLength, now) : 0;
  if (prior + elapsed <= 0) return null;
  const remaining = weights.between(now, period.end);
  const still = (of: DailySums['spent']): number => {
    const before = past > 0 ? (prior * Math.max(0, of(from, period.start))) / past : 0;
    return (remaining * (before + Math.max(0, of(period.start, now)))) / (prior + elapsed);
  };
  return { amount: still(sums.spent), cell: cellOf(period.end - now, still(sums.purchases)) };
}

/** By the days and the purchases that are still to come. */
const cellOf = (daysLeft: number, purchases: number): string =>
  `${stepOf(daysLeftBelow, daysLeft)}/${stepOf(purchasesBelow, purchases)}`;

function stepOf(limits: readonly number[], value: number): number {
  const step = limits.findIndex((limit) => value < limit);
  return step < 0 ? limits.length : step;
}
