/** Counts the expenses that a rule's kept sum leaves out, because no exchange rate to its currency was known. */
import { type RawBuilder, sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';
import { coversCategory } from './covers-category.ts';
import { readRates } from './read-rates.ts';

/** Expenses in another currency than the rule's, by day and currency. */
type ForeignDay = [day: string, currency: string, expenses: number];

/** `currency`: the rule's. */
export type Foreign = { tenant_id: string; currency: string; foreign_days: ForeignDay[] | null };

/**
 * A query of one row with `foreign_days`. `rule` is the alias of a rule, and `period` that of `period_start` and
 * `period_end`. Nothing is read unless `isAsked` is true and an expense of the rule ever lacked a rate, which a decision
 * says. Rides on `alert_decisions_no_rate` and on the primary key of `daily_spend`.
 */
export const selectForeignDays = (
  rule: RawBuilder<unknown>,
  period: RawBuilder<unknown>,
  isAsked: RawBuilder<unknown>,
) => statement`
  select jsonb_agg(jsonb_build_array(f.day, f.currency, f.expenses)) as foreign_days
  from (
    select d.day, d.currency, sum(d.expense_count) as expenses
    from daily_spend d
    where (${isAsked})
      and exists (
        select from alert_decisions n
        where n.tenant_id = ${rule}.tenant_id and n.rule_id = ${rule}.id and n.outcome = 'no_rate'
      )
      and d.tenant_id = ${rule}.tenant_id and d.user_id = ${rule}.user_id
      and d.day >= ${period}.period_start and d.day < ${period}.period_end
      and d.currency <> ${rule}.currency
      and ${coversCategory(rule, statement.ref('d.category_id'))}
    group by d.day, d.currency
    having sum(d.expense_count) > 0
  ) f`;

/**
 * In the order of `rows`. Reads exchange rates only if there is something to convert. An amount that has a rate and is too
 * large to be converted is not counted.
 */
export async function countUnrated(sql: Sql, rows: readonly Foreign[]): Promise<number[]> {
  const conversions = rows.flatMap(({ tenant_id: tenantId, currency: to, foreign_days: days }) =>
    (days ?? []).map(([day, from]) => ({ tenantId, day, from, to })),
  );
  const rates = await readRates(sql, conversions);
  return rows.map(({ tenant_id: tenantId, currency: to, foreign_days: days }) =>
    (days ?? [])
      .filter(([day, from]) => rates(tenantId).factor(from, day, to) === null)
      .reduce((count, [, , expenses]) => count + expenses, 0),
  );
}
