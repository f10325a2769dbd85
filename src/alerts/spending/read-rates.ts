/** Reads the rates of exchange that conversions need. */
import { sql as statement } from 'kysely';
import { rateHoldsDays, Rates, type StoredRate } from '../../values/fx.ts';
import type { Conversion } from '../decide/spending.ts';
import type { Sql } from '../../runtime/database/database.ts';

/** Of a tenant; those of one for whom nothing was to be converted hold none. */
type RatesOf = (tenantId: string) => Rates;

const none = new Rates([]);

/**
 * Asks nothing of the database where there is nothing to convert. For sums that are kept, the caller holds
 * the rates. Rides on `fx_rates_currency`.
 */
export async function readRates(sql: Sql, conversions: readonly Conversion[]): Promise<RatesOf> {
  if (conversions.length === 0) return () => none;
  const needed = neededDays(conversions);
  const { rows } = await statement<StoredRate & { tenant_id: string }>`
    select f.tenant_id, f.date, f.base, f.currency, f.rate
    from (
      select tenant_id, currency, min(day) - ${rateHoldsDays}::int as first_day, max(day) as last_day
      from unnest(
        ${needed.map(({ tenantId }) => tenantId)}::uuid[],
        ${needed.map(({ currency }) => currency)}::text[],
        ${needed.map(({ day }) => day)}::date[]
      ) as needed (tenant_id, currency, day)
      group by tenant_id, currency
    ) needed
    join fx_rates f on f.tenant_id = needed.tenant_id and f.currency = needed.currency
      and f.date between needed.first_day and needed.last_day`.execute(sql);
  const byTenant = Map.groupBy(rows, (row) => row.tenant_id);
  const rates = new Map([...byTenant].map(([tenantId, stored]) => [tenantId, new Rates(stored)]));
  return (tenantId) => rates.get(tenantId) ?? none;
}

type NeededDay = { tenantId: string; currency: string; day: string };

/** Both currencies of each conversion: a table has no row for its base. */
function neededDays(conversions: readonly Conversion[]): NeededDay[] {
  const needed = new Map<string, NeededDay>();
  for (const { tenantId, day, from, to } of conversions)
    for (const currency of [from, to])
      needed.set(`${tenantId} ${day} ${currency}`, { tenantId, currency, day });
  return [...needed.values()];
}
