/** Decides whether an expense counts in the scope of a rule. Pure. */
import { merchantKey } from '../../accounts/merchants/merchant-key.ts';
import { remember } from '../../values/remember.ts';
import { type BudgetPeriod, isOnce } from '../../values/period.ts';
import type { Scope } from './rule.ts';

/** A merchant's name as it was sent, and its id, if one is known. */
type Merchant = { merchant: string | null; merchantId: string | null };

/** True if an expense of this category and merchant counts. */
export const covers = (scope: Scope, expense: Merchant & { categoryId: string }): boolean =>
  coversCategory(scope, expense.categoryId) && !isExcludedMerchant(scope.excludeMerchants, expense);

function coversCategory({ categoryId, categoryIds, excludeCategories }: Scope, asked: string): boolean {
  if (categoryId !== null) return categoryId === asked;
  return categoryIds ? categoryIds.includes(asked) : !excludeCategories.includes(asked);
}

/** True if the merchant is one of those excluded, by its id or by its name, however either name is written. */
export function isExcludedMerchant(excluded: readonly string[], { merchant, merchantId }: Merchant): boolean {
  if (excluded.length === 0) return false;
  if (merchantId !== null && excluded.includes(merchantId)) return true;
  if (merchant === null) return false;
  const key = rememberedKey(merchant);
  return key !== '' && keysOf(excluded).has(key);
}

/** A batch asks for the same lists of a hundred rules with each of its expenses. */
const knownKeys = new WeakMap<readonly string[], ReadonlySet<string>>();

function keysOf(excluded: readonly string[]): ReadonlySet<string> {
  const keys = knownKeys.get(excluded) ?? new Set(excluded.map(rememberedKey));
  knownKeys.set(excluded, keys);
  return keys;
}

const rememberedNames = 10_000;

const rememberedKey: (name: string) => string = remember(rememberedNames, merchantKey);

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
