/** Reads the forecasts of rule periods, as they were last made. */
import { sql as statement } from 'kysely';
import { columnOf } from '../../runtime/database/column-of.ts';
import type { Sql } from '../../runtime/database/database.ts';
import type { Forecast } from '../../values/forecast.ts';
import type { Period } from '../../values/period.ts';

/** A `Forecast` as JSON of a row of `rule_forecasts`. */
export type ForecastRow = { spentMinor: string; remainingMinor: string[]; billsMinor: string };

/** A `ForecastRow`, of rows `f`. Null where there is none. */
export const forecastRow = statement`case when f.rule_id is not null then jsonb_build_object(
  'spentMinor', f.spent_minor::text, 'remainingMinor', f.remaining_minor::text[],
  'billsMinor', f.bills_minor::text) end`;

export const toForecast = ({ spentMinor, remainingMinor, billsMinor }: ForecastRow): Forecast => ({
  spentMinor: BigInt(spentMinor),
  remainingMinor: remainingMinor.map(BigInt),
  billsMinor: BigInt(billsMinor),
});

type Asked = { rule: { tenantId: string; id: string }; period: Period };

/** In the order of `asked`; null where there is none of the period. Rides on the primary key of `rule_forecasts`. */
export async function readForecasts(sql: Sql, asked: readonly Asked[]): Promise<(Forecast | null)[]> {
  if (asked.length === 0) return [];
  const column = columnOf(asked);
  const { rows } = await statement<{ forecast: ForecastRow | null }>`
    select ${forecastRow} as forecast
    from unnest(
      ${column(({ rule }) => rule.tenantId)}::uuid[],
      ${column(({ rule }) => rule.id)}::uuid[],
      ${column(({ period }) => period.start)}::date[],
      ${column(({ period }) => period.end)}::date[]
    ) with ordinality as asked (tenant_id, rule_id, period_start, period_end, position)
    left join rule_forecasts f using (tenant_id, rule_id, period_start, period_end)
    order by asked.position`.execute(sql);
  return rows.map(({ forecast }) => forecast && toForecast(forecast));
}
