/** Decides whether an expense counts in the scope of a rule. Pure. */
import { merchantKey } from '../../accounts/merchants/merchant-key.ts';
import { remember } from '../../values/remember.ts';
import { type BudgetPeriod, isOnce } from '../../values/period.ts';
import type { Scope } from './rule.ts';

/** What a scope looks at. `merchant`: the name, as it was sent. */
export type Scoped = { categoryId: string; merchant: string | null };

/** True if an expense of this category and merchant counts. */
export const covers = (scope: Scope, { categoryId, merchant }: Scoped): boolean =>
  coversCategory(scope, categoryId) && !isExcludedMerchant(scope.excludeMerchants, merchant);

function coversCategory({ categoryId, categoryIds, excludeCategories }: Scope, asked: string): boolean {
  if (categoryId !== null) return categoryId === asked;
  return categoryIds ? categoryIds.includes(asked) : !excludeCategories.includes(asked);
}

/** True if the merchant is one of those excluded, however either name is written. */
export function isExcludedMerchant(excluded: readonly string[], merchant: string | null): boolean {
  if (excluded.length === 0 || merchant === null) return false;
  const key = rememberedKey(merchant);
  return key !== '' && excluded.some((name) => rememberedKey(name) === key);
}

const rememberedNames = 10_000;

const rememberedKey = remember(rememberedNames, merchantKey);

/** True if the day lies in one of the rule's periods. */
export const coversDay = (period: BudgetPeriod, day: string): boolean =>
  typeof period === 'string' || (period.start <= day && (!isOnce(period) || day < period.end));

/** True if both watch the same expenses. Lists are compared in their order, which is that of their ids. */
export const isSameScope = (one: Scope, other: Scope): boolean =>
  JSON.stringify(scopeOf(one)) === JSON.stringify(scopeOf(other));

const scopeOf = ({ categoryId, categoryIds, excludeCategories, excludeMerchants }: Scope) => [
  categoryId,
  categoryIds,
  excludeCategories,
  excludeMerchants,
];
