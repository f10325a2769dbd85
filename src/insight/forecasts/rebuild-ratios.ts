/** Rebuilds the ratios of a tenant's forecasts from the last months of its people. */
import { setImmediate as giveWay } from 'node:timers/promises';
import { sql as statement } from 'kysely';
import { readTenant } from '../../accounts/tenants.ts';
import type { Database, Sql } from '../../runtime/database/database.ts';
import { localDay } from '../../values/period.ts';
import { DailySums } from '../decide/forecast/daily-sums.ts';
import { DayWeights, sharesOf } from '../decide/forecast/day-weights.ts';
import type { Span } from '../decide/forecast/expected-remaining.ts';
import { RatioPool, type Series } from '../decide/forecast/forecast-ratios.ts';
import { dayNumber, dayText } from '../decide/recurring-schedule.ts';
import { writeRatios } from './pooled-ratios.ts';

/** A larger tenant is judged by so many of its people, always the same. */
const peopleRead = 500;
const monthsRead = 18;

/**
 * Reads the complete months before `now` in the tenant's currency; other currencies are left out. Returns the number of
 * cells. A crash leaves the ratios of the night before.
 */
export async function rebuildRatios(db: Database, tenantId: string, now: Temporal.Instant): Promise<number> {
  const tenant = await db.transaction([tenantId], (sql) => readTenant(sql, tenantId));
  if (!tenant) return 0;
  const months = monthsBefore(localDay(now, tenant.timezone));
  const rows = await db.transaction([tenantId], (sql) => readDays(sql, tenantId, tenant.currency, months));
  const people = seriesOf(rows, months);
  const first = months[0]?.start ?? 0;
  const end = months.at(-1)?.end ?? 0;
  const shares = sharesOf(purchasesOf(people, first, end), first);
  const pool = new RatioPool(months, new DayWeights(shares, first, end));
  for (const { all } of people) {
    for (const series of all) pool.add(series);
    await giveWay();
  }
  const pooled = pool.pooled();
  await db.transaction([tenantId], (sql) =>
    writeRatios(sql, tenantId, { pooled, shares, people: people.length }, now),
  );
  return pooled.length;
}

/** Oldest first. */
function monthsBefore(today: string): Span[] {
  const current = Temporal.PlainDate.from(today).with({ day: 1 });
  return Array.from({ length: monthsRead }, (_, index) => {
    const start = current.subtract({ months: monthsRead - index });
    return { start: dayNumber(start.toString()), end: dayNumber(start.add({ months: 1 }).toString()) };
  });
}

/** One row for each person and category; the lists are in one order. */
type Row = { user_id: string; days: string[]; amounts: string[]; counts: number[] };

/** Rides on the primary keys of users and `daily_spend`. */
async function readDays(
  sql: Sql,
  tenantId: string,
  currency: string,
  months: readonly Span[],
): Promise<Row[]> {
  const [from, to] = [dayText(months[0]?.start ?? 0), dayText(months.at(-1)?.end ?? 0)];
  const { rows } = await statement<Row>`
    select d.user_id, array_agg(d.day::text) as days, array_agg(d.amount_minor::text) as amounts,
      array_agg(d.expense_count) as counts
    from (
      select id from users where tenant_id = ${tenantId} order by hashtextextended(id, 0), id limit ${peopleRead}
    ) asked
    join daily_spend d on d.tenant_id = ${tenantId} and d.user_id = asked.id
      and d.day >= ${from}::date and d.day < ${to}::date
    where d.currency = ${currency} and d.expense_count <> 0
    group by d.user_id, d.category_id`.execute(sql);
  return rows;
}

type PersonSeries = { total: Series; all: Series[] };

/** Of each person: every category, and all of them together. */
function seriesOf(rows: readonly Row[], months: readonly Span[]): PersonSeries[] {
  const [first, end] = [months[0]?.start ?? 0, months.at(-1)?.end ?? 0];
  return [...Map.groupBy(rows, ({ user_id }) => user_id)].map(([userId, own]) => {
    const categories = own.map(({ days, amounts, counts }) =>
      days.map((day, at) => ({
        number: dayNumber(day),
        amount: Number(amounts[at]),
        purchases: counts[at] ?? 0,
      })),
    );
    const all = [categories.flat(), ...categories].map((days) => ({
      userId,
      sums: new DailySums(days, first, end),
      first: Math.min(...days.map(({ number }) => number)),
    }));
    const [total] = all;
    if (!total) throw new Error('a person has no series');
    return { total, all };
  });
}

const purchasesOf = (people: readonly PersonSeries[], first: number, end: number): number[] =>
  Array.from({ length: end - first }, (_, day) =>
    people.reduce((sum, { total }) => sum + total.sums.purchases(first + day, first + day + 1), 0),
  );
