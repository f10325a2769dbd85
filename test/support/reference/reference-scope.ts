/** Which expenses a rule watches, as the reference model sees it. It shares no code with `src`. */
import type { ModelRule } from './reference-levels.ts';

export type ModelExpense = {
  userId: string;
  categoryId: string;
  merchant?: string | null;
  amountMinor: bigint;
  currency: string;
  spentAt: Temporal.Instant;
  /** A purchase, unless it says otherwise. */
  kind?: 'purchase' | 'refund' | 'transfer' | 'fee' | 'cash';
  status?: 'pending' | 'posted';
};

export function isWatched(rule: ModelRule, { userId, categoryId, merchant, kind }: ModelExpense): boolean {
  const [firstWord = ''] = (merchant ?? '').toUpperCase().split(' ');
  if (rule.userId !== userId || kind === 'transfer' || rule.excludeMerchants?.includes(firstWord))
    return false;
  if (rule.excludeCategories?.includes(categoryId)) return false;
  return rule.categoryIds
    ? rule.categoryIds.includes(categoryId)
    : [null, categoryId].includes(rule.categoryId);
}
