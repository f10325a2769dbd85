/**
 * Measures a person's spending in a rule's scope. Daily totals are used for the rule's own currency. Expenses in other
 * currencies are read one by one, as each is rounded when it is converted.
 */
import { type RawBuilder, sql as statement } from 'kysely';
import type { Rates } from '../../values/fx.ts';
import type { Conversion } from '../decide/spending.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { readRates } from './read-rates.ts';

/** An expense in another currency than the rule's. The amount is in minor units of the expense's currency. */
type ForeignExpense = [id: string, day: string, currency: string, amountMinor: string];

/** `currency` is the rule's, and `own_minor` the sum of the expenses in it. */
export type Measured = {
  tenant_id: string;
  currency: string;
  own_minor: string;
  foreign_expenses: ForeignExpense[] | null;
};

/** `unrated`: ids of the expenses without an exchange rate, which are left out of the sum. */
export type Spending = { spentMinor: bigint; unrated: string[] };

/** Aggregates expenses `e` into a `ForeignExpense[]`. */
const foreignList = statement`jsonb_agg(
  jsonb_build_array(e.id, e.day, e.currency, e.amount_minor::text) order by e.day, e.id)`;

/**
 * A query of one row `Measured`. `rule` is the alias of a rule, and `period` that of `period_start` and `period_end`.
 * Nothing is read unless `isAsked` is true. Rides on the primary key of `daily_spend`, and on `expenses_user_day` if
 * there are other currencies.
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
      where e.tenant_id = ${rule}.tenant_id and e.user_id = ${rule}.user_id
        and e.day >= ${period}.period_start and e.day < ${period}.period_end
        and e.currency <> ${rule}.currency
        and (${rule}.category_id is null or e.category_id = ${rule}.category_id)
    ) end as foreign_expenses
  from daily_spend d
  where (${isAsked}) and d.tenant_id = ${rule}.tenant_id and d.user_id = ${rule}.user_id
    and d.day >= ${period}.period_start and d.day < ${period}.period_end
    and (${rule}.category_id is null or d.category_id = ${rule}.category_id)`;

/** Like `selectSpending`, but from the expenses alone. Rides on `expenses_user_day`. */
export const selectExpenses = (rule: RawBuilder<unknown>, period: RawBuilder<unknown>) => statement`
  select ${rule}.tenant_id, ${rule}.currency,
    coalesce(sum(e.amount_minor) filter (where e.currency = ${rule}.currency), 0) as own_minor,
    ${foreignList} filter (where e.currency <> ${rule}.currency) as foreign_expenses
  from expenses e
  where e.tenant_id = ${rule}.tenant_id and e.user_id = ${rule}.user_id
    and e.day >= ${period}.period_start and e.day < ${period}.period_end
    and (${rule}.category_id is null or e.category_id = ${rule}.category_id)`;

export type WithMeasured<Row> = Row & { measured: Spending };

/** Adds to each row its spending in the rule's currency. Reads exchange rates only if there is something to convert. */
export async function measureSpending<Row extends Measured>(
  sql: Sql,
  rows: readonly Row[],
): Promise<WithMeasured<Row>[]> {
  const rates = await readRates(sql, rows.flatMap(conversionsOf));
  return rows.map((row) => ({ ...row, measured: add(row, rates(row.tenant_id)) }));
}

const conversionsOf = ({ tenant_id: tenantId, currency: to, foreign_expenses }: Measured): Conversion[] =>
  (foreign_expenses ?? []).map(([_id, day, from]) => ({ tenantId, day, from, to }));

function add({ own_minor, currency: to, foreign_expenses }: Measured, rates: Rates): Spending {
  const spending: Spending = { spentMinor: BigInt(own_minor), unrated: [] };
  for (const [id, day, currency, amount] of foreign_expenses ?? []) {
    const amountMinor = rates.convert({ amountMinor: BigInt(amount), currency, day }, to);
    if (amountMinor === null) spending.unrated.push(id);
    else spending.spentMinor += amountMinor;
  }
  return spending;
}
