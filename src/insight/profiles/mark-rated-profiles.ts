/** Marks profiles as stale when exchange rates have changed. */
import { sql as statement } from 'kysely';
import { rateHoldsDays } from '../../values/fx.ts';
import { firstDayLookedAt } from '../decide/months.ts';
import { localDay } from '../../values/period.ts';
import type { Sql } from '../../runtime/database/database.ts';

/** A person's day may begin up to one day before or after the UTC day. */
const zonesApartDays = 1;

/**
 * Marks everybody with expenses that a changed rate of `date` may convert. `changed` names the currencies.
 * Nothing is marked if the expenses are too old for a profile. The caller holds the tenant's rate lock
 * exclusively. Rides on `daily_spend_day` and the primary key.
 */
export async function markRatedProfiles(
  sql: Sql,
  tenantId: string,
  date: string,
  changed: readonly string[],
  now: Temporal.Instant,
): Promise<void> {
  if (changed.length === 0) return;
  const lastDay = Temporal.PlainDate.from(date)
    .add({ days: rateHoldsDays + zonesApartDays })
    .toString();
  if (lastDay < firstDayLookedAt(localDay(now, 'UTC'))) return;
  await statement`
    insert into stale_profiles (tenant_id, user_id, since)
    select distinct d.tenant_id, d.user_id, ${now.toString()}::timestamptz
    from daily_spend d
    join tenants t on t.id = d.tenant_id
    where d.tenant_id = ${tenantId}
      and d.day between ${date}::date and ${date}::date + ${rateHoldsDays}::int
      and d.currency <> t.currency and d.expense_count <> 0
      and (d.currency = any(${changed}::text[]) or t.currency = any(${changed}::text[]))
    order by 1, 2
    on conflict (tenant_id, user_id) do nothing`.execute(sql);
}
