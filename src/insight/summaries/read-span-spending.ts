/**
 * Reads people's spending in spans of local days and the days before, in their tenant's currency. That
 * currency is read as daily totals. Other currencies are read by expense, because each is converted and
 * rounded separately.
 */
import { sql as statement } from 'kysely';
import type { Rates } from '../../values/fx.ts';
import { comparedFrom, type Part, type Span, type Spent } from '../decide/summary.ts';
import { allOf } from '../../runtime/database/all-of.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { readCategoryNames } from '../../accounts/categories.ts';
import { readRates } from '../../alerts/spending/read-rates.ts';
import type { PersonRef } from '../../values/refs.ts';
import { columnOf } from '../../runtime/database/column-of.ts';

/** A span of a person's local days. `timeZone` is theirs, or else the tenant's. */
export type AskedSpan = PersonRef & { timeZone: string; span: Span };

type DayTotal = [day: string, categoryId: string, amountMinor: string, count: number];
type Listed = [id: string, categoryId: string, merchant: string | null, amountMinor: string];
type Foreign = [...Listed, day: string, currency: string];

type Row = {
  tenant_id: string;
  currency: string;
  start: string;
  first_day: string | null;
  totals: DayTotal[] | null;
  largest: Listed[] | null;
  foreign_expenses: Foreign[] | null;
  bills: [day: string, amountMinor: string][] | null;
};

/** In the order of `asked`. */
export async function readSpanSpending(sql: Sql, asked: readonly AskedSpan[]): Promise<Spent[]> {
  const tenantIds = [...new Set(asked.map(({ tenantId }) => tenantId))];
  const [rows, names] = await allOf([readRows(sql, asked), readCategoryNames(sql, tenantIds)]);
  const rates = await readRates(
    sql,
    rows.flatMap(({ tenant_id: tenantId, currency: to, foreign_expenses: foreign }) =>
      (foreign ?? []).map(([, , , , day, from]) => ({ tenantId, day, from, to })),
    ),
  );
  return rows.map((row) => toSpent(row, rates(row.tenant_id), names(row.tenant_id)));
}

/** Rides on the primary key of `daily_spend`, on `expenses_user_day` and `recurring_charges_user`. */
async function readRows(sql: Sql, asked: readonly AskedSpan[]): Promise<Row[]> {
  const column = columnOf(asked);
  const { rows } = await statement<Row>`
    select t.id as tenant_id, t.currency, k.start, (
        select d.day
        from daily_spend d
        where d.tenant_id = k.tenant_id and d.user_id = k.user_id and d.expense_count > 0
        order by d.day
        limit 1
      ) as first_day, (
        select json_agg(json_build_array(d.day, d.category_id, d.amount_minor::text, d.expense_count))
        from daily_spend d
        where d.tenant_id = k.tenant_id and d.user_id = k.user_id
          and d.day >= k.compared_from and d.day < k.end and d.currency = t.currency
      ) as totals, (
        select json_agg(json_build_array(e.id, e.category_id, e.merchant, e.amount_minor::text))
        from (
          select e.id, e.category_id, e.merchant, e.amount_minor
          from expenses e
          where e.tenant_id = k.tenant_id and e.user_id = k.user_id and e.day >= k.start and e.day < k.end
            and e.currency = t.currency and e.amount_minor > 0
          order by e.amount_minor desc, e.id collate "C"
          limit 3
        ) e
      ) as largest, case when exists (
        select
        from daily_spend d
        where d.tenant_id = k.tenant_id and d.user_id = k.user_id
          and d.day >= k.compared_from and d.day < k.end and d.currency <> t.currency and d.expense_count <> 0
      ) then (
        select json_agg(
          json_build_array(e.id, e.category_id, e.merchant, e.amount_minor::text, e.day, e.currency))
        from expenses e
        where e.tenant_id = k.tenant_id and e.user_id = k.user_id
          and e.day >= k.compared_from and e.day < k.end and e.currency <> t.currency
      ) end as foreign_expenses, (
        select json_agg(json_build_array(c.last_day, c.last_amount_minor::text))
        from recurring_charges c
        where c.tenant_id = k.tenant_id and c.user_id = k.user_id and c.currency = t.currency
          and c.last_day >= k.compared_from and c.last_day < k.end and c.cadence in ('monthly', 'quarterly', 'yearly')
          and c.state <> 'suggested' and c.decision is distinct from 'ignored'
      ) as bills
    from unnest(
      ${column(({ tenantId }) => tenantId)}::uuid[],
      ${column(({ userId }) => userId)}::text[],
      ${column(({ span }) => span.start)}::date[],
      ${column(({ span }) => span.end)}::date[],
      ${column(({ span }) => comparedFrom(span))}::date[]
    ) with ordinality as k (tenant_id, user_id, start, "end", compared_from, position)
    join tenants t on t.id = k.tenant_id
    order by k.position`.execute(sql);
  return rows;
}

function toSpent(row: Row, rates: Rates, names: Spent['names']): Spent {
  const given = row.foreign_expenses ?? [];
  const foreign = given.flatMap((each) => convertedOf(each, row.currency, rates));
  const isInSpan = (day: string): boolean => day >= row.start;
  const largest = (row.largest ?? []).map(toListed);
  return {
    currency: row.currency,
    parts: [...(row.totals ?? []).map(toPart), ...foreign],
    largest: [...largest, ...foreign.filter(({ day }) => isInSpan(day))].map(
      ({ expenseId, merchant, categoryId, amountMinor }) => ({
        expenseId,
        merchant,
        categoryId,
        amountMinor,
      }),
    ),
    unrated:
      given.filter(([, , , , day]) => isInSpan(day)).length -
      foreign.filter(({ day }) => isInSpan(day)).length,
    bills: (row.bills ?? []).map(([day, amount]) => ({ day, amountMinor: BigInt(amount) })),
    firstDay: row.first_day,
    names,
  };
}

const toPart = ([day, categoryId, amountMinor, count]: DayTotal): Part => ({
  day,
  categoryId,
  amountMinor: BigInt(amountMinor),
  count,
});

const toListed = ([expenseId, categoryId, merchant, amountMinor]: Listed) => ({
  expenseId,
  categoryId,
  merchant,
  amountMinor: BigInt(amountMinor),
});

/** Empty if there is no valid rate for the day. */
function convertedOf([id, categoryId, merchant, amount, day, from]: Foreign, to: string, rates: Rates) {
  const amountMinor = rates.convert({ amountMinor: BigInt(amount), currency: from, day }, to);
  return amountMinor === null ? [] : [{ expenseId: id, categoryId, merchant, day, amountMinor, count: 1 }];
}
