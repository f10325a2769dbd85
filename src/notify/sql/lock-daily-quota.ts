/**
 * Reads the interruptions of people's local day, and locks them until the transaction ends. `write-plans.ts` counts one
 * more, and `finalize-notifications.ts` gives it back.
 */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';
import { localDay } from '../../values/period.ts';
import { personKey } from '../../values/refs.ts';
import type { DayUsage, Recipient } from '../decide/policy.ts';

type PersonDay = Pick<Recipient, 'tenantId' | 'userId' | 'timeZone'>;

/**
 * What was used today, by `personKey`. The upsert locks the row, so that no two decisions use the same part of
 * the quota. Rows are locked in key order, and after any notification. Rides on the primary key.
 */
export async function lockDailyQuotas(
  sql: Sql,
  people: readonly PersonDay[],
  now: Temporal.Instant,
): Promise<Map<string, DayUsage>> {
  const { rows } = await statement<DayUsage & { tenantId: string; userId: string }>`
    insert into daily_interruptions as d (tenant_id, user_id, day, count)
    select tenant_id, user_id, day, 0
    from unnest(
      ${people.map(({ tenantId }) => tenantId)}::uuid[],
      ${people.map(({ userId }) => userId)}::text[],
      ${people.map(({ timeZone }) => localDay(now, timeZone))}::date[]
    ) as asked (tenant_id, user_id, day)
    order by tenant_id, user_id, day
    on conflict (tenant_id, user_id, day) do update set count = d.count
    returning d.tenant_id as "tenantId", d.user_id as "userId", d.count as interruptions, d.sms`.execute(sql);
  return new Map(
    rows.map(({ interruptions, sms, ...person }) => [personKey(person), { interruptions, sms }]),
  );
}
