/** How often people were interrupted on their local days: read, and held until the transaction ends. */
import { sql as statement } from 'kysely';
import { localDay } from '../../values/period.ts';
import type { Recipient } from '../decide/policy.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { personKey } from '../../values/refs.ts';

/** A local day of a person's. */
export type PersonDay = { tenantId: string; userId: string; day: string };

export const dayOf = ({ tenantId, userId, timeZone }: Recipient, now: Temporal.Instant): PersonDay => ({
  tenantId,
  userId,
  day: localDay(now, timeZone),
});

/**
 * Of today, by `personKey`. Writing the row is what locks it, so that no two decisions count on the same
 * place; in key order, and after any notification is locked. Rides on the primary key.
 */
export async function lockDailyQuotas(
  sql: Sql,
  people: readonly Recipient[],
  now: Temporal.Instant,
): Promise<Map<string, number>> {
  const days = people.map((recipient) => dayOf(recipient, now));
  const { rows } = await statement<{ tenant_id: string; user_id: string; count: number }>`
    insert into daily_interruptions as d (tenant_id, user_id, day, count)
    select tenant_id, user_id, day, 0
    from unnest(
      ${days.map(({ tenantId }) => tenantId)}::uuid[],
      ${days.map(({ userId }) => userId)}::text[],
      ${days.map(({ day }) => day)}::date[]
    ) as asked (tenant_id, user_id, day)
    order by tenant_id, user_id, day
    on conflict (tenant_id, user_id, day) do update set count = d.count
    returning d.tenant_id, d.user_id, d.count`.execute(sql);
  return new Map(
    rows.map(({ tenant_id, user_id, count }) => [personKey({ tenantId: tenant_id, userId: user_id }), count]),
  );
}

/** One more for each, who holds the lock; a person once at most. */
export async function countInterruptions(sql: Sql, days: readonly PersonDay[]): Promise<void> {
  if (days.length === 0) return;
  await statement`
    update daily_interruptions d
    set count = d.count + 1
    from unnest(
      ${days.map(({ tenantId }) => tenantId)}::uuid[],
      ${days.map(({ userId }) => userId)}::text[],
      ${days.map(({ day }) => day)}::date[]
    ) as taken (tenant_id, user_id, day)
    where d.tenant_id = taken.tenant_id and d.user_id = taken.user_id and d.day = taken.day`.execute(sql);
}
