/** Stores and reads what forecasts take from everybody of a tenant. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';
import { type DayShares, evenDays } from '../decide/forecast/day-weights.ts';
import { type ForecastRatios, leastPeople, type PooledRatios } from '../decide/forecast/forecast-ratios.ts';

/** `ratios` is empty, and days are even, before the first night of a tenant. */
export type TenantRatios = { ratios: ForecastRatios; shares: DayShares };

/** Rows of the table that hold weights of days and not ratios. */
const [weekdays, monthDays, seasons] = ['weekdays', 'month days', 'seasons'] as const;

type Row = { cell: string; ratios: number[] };

/** Rides on the primary key. */
export async function readRatios(sql: Sql, tenantId: string): Promise<TenantRatios> {
  const { rows } = await statement<Row>`
    select cell, ratios from forecast_ratios where tenant_id = ${tenantId}`.execute(sql);
  const cells = new Map(rows.map(({ cell, ratios }) => [cell, ratios.map(Number)]));
  return {
    ratios: cells,
    shares: {
      weekdays: cells.get(weekdays) ?? evenDays.weekdays,
      monthDays: cells.get(monthDays) ?? evenDays.monthDays,
      seasons: cells.get(seasons) ?? evenDays.seasons,
    },
  };
}

/** Takes the place of all rows of the tenant. With fewer than ten people there are none. Rides on the primary key. */
export async function writeRatios(
  sql: Sql,
  tenantId: string,
  { pooled, shares, people }: { pooled: readonly PooledRatios[]; shares: DayShares; people: number },
  now: Temporal.Instant,
): Promise<void> {
  const days = [
    { cell: weekdays, people, ratios: shares.weekdays },
    { cell: monthDays, people, ratios: shares.monthDays },
    { cell: seasons, people, ratios: shares.seasons },
  ];
  const rows = people < leastPeople ? [] : [...pooled, ...days];
  await statement`
    with gone as (
      delete from forecast_ratios
      where tenant_id = ${tenantId} and cell <> all(${rows.map(({ cell }) => cell)}::text[])
    )
    insert into forecast_ratios (tenant_id, cell, people, ratios, made_at)
    select ${tenantId}::uuid, cell, people, array(
        select value::double precision from jsonb_array_elements_text(ratios) with ordinality given (value, place) order by place
      ),
      ${now.toString()}::timestamptz
    from unnest(
      ${rows.map(({ cell }) => cell)}::text[],
      ${rows.map((row) => row.people)}::int[],
      ${rows.map(({ ratios }) => JSON.stringify(ratios))}::jsonb[]
    ) as given (cell, people, ratios)
    on conflict (tenant_id, cell) do update
    set people = excluded.people, ratios = excluded.ratios, made_at = excluded.made_at`.execute(sql);
}
