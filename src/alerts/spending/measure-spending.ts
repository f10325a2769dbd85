/**
 * Measures a person's spending in a rule's scope. Daily totals are used for the rule's own currency. Expenses in other
 * currencies are read one by one, as each is rounded when it is converted. A rule that excludes merchants is measured from
 * the expenses of each merchant.
 */
import { type RawBuilder, sql as statement } from 'kysely';
import type { Rates } from '../../values/fx.ts';
import { isExcludedMerchant } from '../decide/scope.ts';
import type { Conversion } from '../decide/spending.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { coversCategory } from './covers-category.ts';
import { readRates } from './read-rates.ts';

/** An expense in another currency than the rule's. The amount is in minor units of the expense's currency. */
type ForeignExpense = [
  id: string,
  day: string,
  currency: string,
  amountMinor: string,
  merchant: string | null,
  merchantId: string | null,
];

type MerchantSum = [merchant: string | null, merchantId: string | null, amountMinor: string];

/**
 * `currency` is the rule's, and `own_minor` the sum of the expenses in it. `excluded`: merchants whose expenses do not count;
 * with such, `by_merchant` has the expenses in the rule's currency, and `own_minor` is not used.
 */
export type Measured = {
  tenant_id: string;
  currency: string;
  own_minor: string;
  foreign_expenses: ForeignExpense[] | null;
  excluded: string[] | null;
  by_merchant: MerchantSum[] | null;
};

/** `unrated`: ids of the expenses without an exchange rate, which are left out of the sum. */
export type Spending = { spentMinor: bigint; unrated: string[] };

/** Aggregates expenses `e` into a `ForeignExpense[]`. */
const foreignList = statement`jsonb_agg(
  jsonb_build_array(e.id, e.day, e.currency, e.amount_minor::text, e.merchant, e.merchant_id) order by e.day, e.id)`;

/** The expenses `e` of the rule's person in the period and the rule's categories. */
const inScope = (rule: RawBuilder<unknown>, period: RawBuilder<unknown>) => statement`
  e.tenant_id = ${rule}.tenant_id and e.user_id = ${rule}.user_id
    and e.day >= ${period}.period_start and e.day < ${period}.period_end
    and ${coversCategory(rule, statement.ref('e.category_id'))}`;

/** A query of one value, a `MerchantSum[]`. Rides on `expenses_user_day`. */
const selectByMerchant = (rule: RawBuilder<unknown>, period: RawBuilder<unknown>) => statement`
  select jsonb_agg(jsonb_build_array(m.merchant, m.merchant_id, m.amount_minor::text))
  from (
    select e.merchant, e.merchant_id, sum(e.amount_minor) as amount_minor
    from expenses e
    where ${inScope(rule, period)} and e.currency = ${rule}.currency
    group by e.merchant, e.merchant_id
  ) m`;

/**
 * A query of one row `Measured`. `rule` is the alias of a rule, and `period` that of `period_start` and `period_end`.
 * Nothing is read unless `isAsked` is true. Rides on the primary key of `daily_spend`, and on `expenses_user_day` if
 * there are other currencies or excluded merchants.
 */
export const selectSpending = (
  rule: RawBuilder<unknown>,
  period: RawBuilder<unknown>,
  isAsked: RawBuilder<unknown>,
) => statement`
  select ${rule}.tenant_id, ${rule}.currency,
    coalesce(sum(d.amount_minor) filter (where d.currency = ${rule}.currency), 0) as own_minor,
    case when bool_or(d.currency <> ${rule}.currency and d.expense_count <> 0) then (
      select ${foreignList}
      from expenses e
      where ${inScope(rule, period)} and e.currency <> ${rule}.currency
    ) end as foreign_expenses,
    ${rule}.exclude_merchants as excluded,
    case when ${rule}.exclude_merchants is not null and bool_or(d.currency = ${rule}.currency) then (
      ${selectByMerchant(rule, period)}
    ) end as by_merchant
  from daily_spend d
  where (${isAsked}) and d.tenant_id = ${rule}.tenant_id and d.user_id = ${rule}.user_id
    and d.day >= ${period}.period_start and d.day < ${period}.period_end
    and ${coversCategory(rule, statement.ref('d.category_id'))}`;

/** Like `selectSpending`, but from the expenses alone. Rides on `expenses_user_day`. */
export const selectExpenses = (rule: RawBuilder<unknown>, period: RawBuilder<unknown>) => statement`
  select ${rule}.tenant_id, ${rule}.currency,
    coalesce(sum(e.amount_minor) filter (where e.currency = ${rule}.currency), 0) as own_minor,
    ${foreignList} filter (where e.currency <> ${rule}.currency) as foreign_expenses,
    ${rule}.exclude_merchants as excluded,
    case when ${rule}.exclude_merchants is not null then (${selectByMerchant(rule, period)}) end as by_merchant
  from expenses e
  where ${inScope(rule, period)}`;

export type WithMeasured<Row> = Row & { measured: Spending };

/** Adds to each row its spending in the rule's currency. Reads exchange rates only if there is something to convert. */
export async function measureSpending<Row extends Measured>(
  sql: Sql,
  rows: readonly Row[],
): Promise<WithMeasured<Row>[]> {
  const rates = await readRates(sql, rows.flatMap(conversionsOf));
  return rows.map((row) => ({ ...row, measured: add(row, rates(row.tenant_id)) }));
}

const foreignOf = ({ foreign_expenses, excluded }: Measured): ForeignExpense[] =>
  (foreign_expenses ?? []).filter(
    ([_id, _day, _currency, _amount, merchant, merchantId]) =>
      !isExcludedMerchant(excluded ?? [], { merchant, merchantId }),
  );

const conversionsOf = (row: Measured): Conversion[] =>
  foreignOf(row).map(([_id, day, from]) => ({ tenantId: row.tenant_id, day, from, to: row.currency }));

function add(row: Measured, rates: Rates): Spending {
  const spending: Spending = { spentMinor: ownOf(row), unrated: [] };
  for (const [id, day, currency, amount] of foreignOf(row)) {
    const amountMinor = rates.convert({ amountMinor: BigInt(amount), currency, day }, row.currency);
    if (amountMinor === null) spending.unrated.push(id);
    else spending.spentMinor += amountMinor;
  }
  return spending;
}

function ownOf({ own_minor, excluded, by_merchant }: Measured): bigint {
  if (!excluded) return BigInt(own_minor);
  return (by_merchant ?? [])
    .filter(([merchant, merchantId]) => !isExcludedMerchant(excluded, { merchant, merchantId }))
    .reduce((sum, [, , amount]) => sum + BigInt(amount), 0n);
}
