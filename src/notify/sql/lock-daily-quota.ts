/** How often people were interrupted on their local day: read, and locked until the transaction ends. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';
import { localDay } from '../../values/period.ts';
import { personKey } from '../../values/refs.ts';
import type { Recipient } from '../decide/policy.ts';

type PersonDay = Pick<Recipient, 'tenantId' | 'userId' | 'timeZone'>;

/**
 * The interruptions of today, by `personKey`. Writing the row is what locks it, so that no two decisions count on the
 * same slot of the quota; in key order, and after any notification is locked. Rides on the primary key.
 */
export async function lockDailyQuotas(
  sql: Sql,
  people: readonly PersonDay[],
  now: Temporal.Instant,
): Promise<Map<string, number>> {
  const { rows } = await statement<{ tenantId: string; userId: string; count: number }>`
    insert into daily_interruptions as d (tenant_id, user_id, day, count)
    select tenant_id, user_id, day, 0
    from unnest(
      ${people.map(({ tenantId }) => tenantId)}::uuid[],
      ${people.map(({ userId }) => userId)}::text[],
      ${people.map(({ timeZone }) => localDay(now, timeZone))}::date[]
    ) as asked (tenant_id, user_id, day)
    order by tenant_id, user_id, day
    on conflict (tenant_id, user_id, day) do update set count = d.count
    returning d.tenant_id as "tenantId", d.user_id as "userId", d.count`.execute(sql);
  return new Map(rows.map((row) => [personKey(row), row.count]));
}
