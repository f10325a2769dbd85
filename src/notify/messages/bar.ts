/** The bar that shows spending beside a budget. */
import type { Severity } from '../../values/severity.ts';

/** `within` and `beyond` the budget, in percent of the bar's width. */
export type Bar = { within: number; beyond: number; tone: Severity | 'calm' };

/** If spending exceeds the budget, the full width stands for the spending, else for the budget. */
export function barOfBudget(spent: bigint, budget: bigint, tone: Bar['tone']): Bar {
  if (spent <= 0n) return { within: 0, beyond: 0, tone };
  if (spent <= budget) return { within: Number((spent * 100n) / budget), beyond: 0, tone };
  const within = Number((budget * 100n) / spent);
  return { within, beyond: 100 - within, tone };
}
