/**
 * Guards: the spending between which no level of a period opens or closes. Spending that stays between them needs no
 * evaluation, however many expenses move it.
 */
import type { PeriodPhase } from '../../values/period.ts';
import type { Threshold } from '../../values/severity.ts';
import type { Rollover } from './rollover.ts';
import { reachedAt } from './rule.ts';

/** In minor units: spending from `low` to just below `high`. Null: there is no bound on that side. */
export type Guards = { low: bigint | null; high: bigint | null };

type Levels = { budgetMinor: bigint; thresholds: readonly Threshold[]; rollover: Rollover };

/**
 * `open`: the levels that are open at `spentMinor`. Returns null if a level is about to open or close at the next
 * change, wherever it leads, or if the next period carries what is left of this one. A level of a past period may have been
 * reached without ever opening; it stays closed.
 */
export function findGuards(
  { rule, phase }: { rule: Levels; phase: PeriodPhase },
  open: ReadonlySet<number>,
  spentMinor: bigint,
): Guards | null {
  if (phase === 'past' && rule.rollover !== 'none') return null;
  const levels = rule.thresholds.map(({ percent }) => ({
    percent,
    at: reachedAt(percent, rule.budgetMinor),
  }));
  const watched = new Set(levels.map(({ percent }) => percent));
  if ([...open].some((level) => !watched.has(level))) return null;
  const guards: Guards = { low: null, high: null };
  for (const { percent, at } of levels) {
    const isReached = spentMinor >= at;
    if (open.has(percent) ? !isReached : isReached && phase === 'current') return null;
    if (isReached) guards.low = highest(guards.low, at);
    else guards.high = lowest(guards.high, at);
  }
  return guards;
}

const highest = (bound: bigint | null, at: bigint): bigint => (bound === null || at > bound ? at : bound);
const lowest = (bound: bigint | null, at: bigint): bigint => (bound === null || at < bound ? at : bound);
