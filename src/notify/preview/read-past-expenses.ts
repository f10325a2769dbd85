/** Reads what a rule would have counted of a person's past, in the rule's currency. */
import { sql as statement } from 'kysely';
import type { Rule } from '../../alerts/decide/rule.ts';
import { isExcludedMerchant } from '../../alerts/decide/scope.ts';
import { coversCategory } from '../../alerts/spending/covers-category.ts';
import { readRates } from '../../alerts/spending/read-rates.ts';
import type { Sql } from '../../runtime/database/database.ts';
import type { Rates } from '../../values/fx.ts';

type Row = {
  spent_at: string;
  day: string;
  currency: string;
  amount_minor: string;
  merchant: string | null;
  merchant_id: string | null;
};

/** `rows`: in order of time. `rates`: all that they need. */
export type PastExpenses = { rows: readonly Row[]; rates: Rates };

/**
 * From the day `firstDay` until `now`, at most `limit`. Rides on `expenses_user_day`. Excluded merchants and currencies are
 * left to `countedOf`.
 */
export async function readPastExpenses(
  sql: Sql,
  rule: Rule,
  {
    firstDay,
    lastDay,
    now,
    limit,
  }: { firstDay: string; lastDay: string; now: Temporal.Instant; limit: number },
): Promise<PastExpenses> {
  const { tenantId, userId, categoryId, categoryIds, excludeCategories } = rule;
  const { rows } = await statement<Row>`
    select e.spent_at, e.day, e.currency, e.amount_minor, e.merchant, e.merchant_id
    from (
      select ${categoryId}::text as category_id, ${categoryIds && [...categoryIds]}::text[] as category_ids,
        ${excludeCategories.length > 0 ? [...excludeCategories] : null}::text[] as exclude_categories
    ) as r
    join expenses e on e.tenant_id = ${tenantId} and e.user_id = ${userId}
      and e.day between ${firstDay}::date and ${lastDay}::date
      and ${coversCategory(statement.ref('r'), statement.ref('e.category_id'))}
    where e.spent_at <= ${now.toString()}
    order by e.spent_at, e.id
    limit ${limit}`.execute(sql);
  const conversions = new Map(
    rows
      .filter(({ currency }) => currency !== rule.currency)
      .map(({ day, currency: from }) => [`${day} ${from}`, { tenantId, day, from, to: rule.currency }]),
  );
  return { rows, rates: (await readRates(sql, [...conversions.values()]))(tenantId) };
}

export type CountedExpense = { spentAt: string; day: string; amountMinor: bigint };

/** Null for an expense that the rule does not count, or that has no rate to its currency. */
export function countedOf(rule: Rule, rates: Rates, row: Row): CountedExpense | null {
  const { day, currency, merchant, merchant_id } = row;
  if (isExcludedMerchant(rule.excludeMerchants, { merchant, merchantId: merchant_id })) return null;
  const amountMinor = rates.convert({ amountMinor: BigInt(row.amount_minor), currency, day }, rule.currency);
  return amountMinor === null ? null : { spentAt: row.spent_at, day, amountMinor };
}
