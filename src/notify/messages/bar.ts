/** How a part of something is drawn. */
import type { Severity } from '../../values/severity.ts';

/** In percent of the bar's width: what is within, and beyond. */
export type Bar = { within: number; beyond: number; tone: Severity | 'calm' };

/** Beyond the budget, the bar is all that was spent. */
export function barOfBudget(spent: bigint, budget: bigint, tone: Bar['tone']): Bar {
  if (spent <= budget) return { within: spent < 0n ? 0 : Number((spent * 100n) / budget), beyond: 0, tone };
  const within = Number((budget * 100n) / spent);
  return { within, beyond: 100 - within, tone };
}
