/** Reads the exchange rates that conversions need. */
import { sql as statement } from 'kysely';
import { rateHoldsDays, Rates, type StoredRate } from '../../values/fx.ts';
import type { Conversion } from '../decide/spending.ts';
import type { Sql } from '../../runtime/database/database.ts';

/** Returns a tenant's rates. They are empty if nothing was to be converted for the tenant. */
type RatesOf = (tenantId: string) => Rates;

const none = new Rates([]);

/**
 * Runs no query if there is nothing to convert. A caller that stores the sums must hold the lock on the rates. Rides
 * on `fx_rates_currency`.
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

/** Lists both currencies of each conversion, as a table of rates has no row for its base currency. */
function neededDays(conversions: readonly Conversion[]): NeededDay[] {
  const needed = new Map<string, NeededDay>();
  for (const { tenantId, day, from, to } of conversions)
    for (const currency of [from, to])
      needed.set(`${tenantId} ${day} ${currency}`, { tenantId, currency, day });
  return [...needed.values()];
}
