/** Reads people's spending by category, merchant and local day in their tenant's currency. */
import { sql as statement } from 'kysely';
import type { DaySpending } from '../decide/months.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { converted, type DayFactor, factorTable, fits, readFactors } from './read-factors.ts';

/** Local days, both inclusive. Each person appears once. */
export type AskedDays = { userId: string; firstDay: string; lastDay: string };

type Row = {
  user_id: string;
  category_id: string;
  merchant: string | null;
  merchant_source: string | null;
  merchant_id: string | null;
  day: string;
  amount_minor: string;
  purchases: number;
  bought_minor: string;
  largest_minor: string;
  squares: number;
  is_recurring: boolean;
};

/**
 * Keyed by person, without people who spent nothing. Each amount in another currency is converted and rounded
 * separately, at the rate of its day. An amount without a rate or beyond 64 bits is left out. `recurringIds`: the
 * expenses that belong to recurring charges. Rides on `expenses_user_day`.
 */
export async function readDaySpending(
  sql: Sql,
  tenantId: string,
  currency: string,
  asked: readonly AskedDays[],
  recurringIds: readonly string[] = [],
): Promise<Map<string, DaySpending[]>> {
  const factors = await readNeededFactors(sql, tenantId, currency, asked);
  const { rows } = await statement<Row>`
    select e.user_id, e.category_id, e.merchant, e.merchant_source, e.merchant_id, e.day,
      s.expense_id is not null as is_recurring, sum(own.minor) as amount_minor,
      count(*) filter (where own.minor > 0)::int as purchases,
      coalesce(sum(own.minor) filter (where own.minor > 0), 0) as bought_minor,
      greatest(max(own.minor), 0) as largest_minor,
      coalesce(sum(own.minor::float8 ^ 2) filter (where own.minor > 0), 0) as squares
    from ${askedTable(asked)} as asked (user_id, first_day, last_day)
    join expenses e on e.tenant_id = ${tenantId} and e.user_id = asked.user_id
      and e.day between asked.first_day and asked.last_day
    left join ${factorTable(factors)} as f (currency, day, numerator, denominator)
      on f.currency = e.currency and f.day = e.day
    left join unnest(${recurringIds}::text[]) as s (expense_id) on s.expense_id = e.id
    cross join lateral (
      select case when e.currency = ${currency} then e.amount_minor else ${converted} end as minor
    ) own
    where e.currency = ${currency} or (f.currency is not null and ${fits(converted)})
    group by e.user_id, e.category_id, e.merchant, e.merchant_source, e.merchant_id, e.day, s.expense_id is not null`.execute(
    sql,
  );
  const byPerson = Map.groupBy(rows, ({ user_id }) => user_id);
  return new Map([...byPerson].map(([userId, own]) => [userId, own.map(toSpending)]));
}

/** Rides on the primary key of `daily_spend`. */
async function readNeededFactors(
  sql: Sql,
  tenantId: string,
  currency: string,
  asked: readonly AskedDays[],
): Promise<DayFactor[]> {
  const { rows } = await statement<{ currency: string; day: string }>`
    select distinct d.currency, d.day
    from ${askedTable(asked)} as asked (user_id, first_day, last_day)
    join daily_spend d on d.tenant_id = ${tenantId} and d.user_id = asked.user_id
      and d.day between asked.first_day and asked.last_day
    where d.currency <> ${currency} and d.expense_count <> 0`.execute(sql);
  return rows.length === 0 ? [] : readFactors(sql, tenantId, currency, rows);
}

const askedTable = (asked: readonly AskedDays[]) => statement`unnest(
  ${asked.map(({ userId }) => userId)}::text[],
  ${asked.map(({ firstDay }) => firstDay)}::date[],
  ${asked.map(({ lastDay }) => lastDay)}::date[]
)`;

const toSpending = (row: Row): DaySpending => ({
  categoryId: row.category_id,
  merchant: row.merchant,
  merchantRef:
    row.merchant_source === null || row.merchant_id === null
      ? null
      : { source: row.merchant_source, id: row.merchant_id },
  day: row.day,
  amountMinor: BigInt(row.amount_minor),
  purchases: row.purchases,
  boughtMinor: BigInt(row.bought_minor),
  largestMinor: BigInt(row.largest_minor),
  squares: row.squares,
  isRecurring: row.is_recurring,
});
