/** Looks again at what quiet hours held, once they are over: cancelled, held on, capped, or sent, several as one. */
import { sql as statement } from 'kysely';
import { decideWoken, highestSeverity, type Reach, type WakeVerdict } from '../../domain/telling.ts';
import type { Database, Sql } from '../database.ts';
import { lockInterruptions } from './lock-interruptions.ts';
import { lockPeople, personKey, type PersonRef } from './lock-people.ts';
import { insertNotifications } from './insert-notifications.ts';
import { alertsOf, mergedInto, makeNotification } from './make-notification.ts';
import { readReach } from './read-reach.ts';
import { selectWoken, toWoken, type WokenRow } from '../tellable-row.ts';
import { type Decided, type Means, type Unsent, writeTelling } from './write-telling.ts';

/** Of at most `limit` people; as many as that mean there may be more. */
export const wakeDue = (
  db: Database,
  tenantIds: readonly string[],
  limit: number,
  means: Means,
  now: Temporal.Instant,
): Promise<{ people: number; unsent: Unsent[] }> =>
  db.transaction(tenantIds, async (sql) => {
    const due = await findPeople(sql, tenantIds, limit, now);
    if (due.length === 0) return { people: 0, unsent: [] };
    await lockPeople(sql, due);
    const woken = Map.groupBy((await lockDue(sql, due, now)).map(toWoken), ({ item }) => personKey(item));
    const reached = await readReach(sql, due, means.configured);
    const interruptions = await lockInterruptions(sql, [...reached.values()], now);
    const decided = [...woken].flatMap(([key, items]) => {
      const reach = reached.get(key);
      if (!reach) throw new Error('a notification for somebody who is not registered');
      return decideWoken(items, reach, interruptions.get(key) ?? 0, now).flatMap((verdict) =>
        decidedOf(verdict, reach, now),
      );
    });
    await insertNotifications(
      sql,
      decided.filter(({ item }) => item.type === 'roll_up').map(({ item }) => item),
      now,
    );
    return { people: due.length, unsent: await writeTelling(sql, decided, means, now) };
  });

/** Rides on `notification_history_held`. */
async function findPeople(
  sql: Sql,
  tenantIds: readonly string[],
  limit: number,
  now: Temporal.Instant,
): Promise<PersonRef[]> {
  const { rows } = await statement<{ tenant_id: string; user_id: string }>`
    select tenant_id, user_id
    from notification_history
    where tenant_id = any(${tenantIds}::uuid[]) and status = 'deferred' and until <= ${now.toString()}
    group by tenant_id, user_id
    order by min(until), tenant_id, user_id
    limit ${limit}`.execute(sql);
  return rows.map((row) => ({ tenantId: row.tenant_id, userId: row.user_id }));
}

/**
 * All that is due of them. They are locked, so whoever else looks after the same people finds them when this
 * is done, and nothing due. Rides on `notification_history_held_user`.
 */
async function lockDue(sql: Sql, people: readonly PersonRef[], now: Temporal.Instant): Promise<WokenRow[]> {
  const tenantIds = people.map(({ tenantId }) => tenantId);
  const userIds = people.map(({ userId }) => userId);
  await statement`
    select from notification_history n
    where (n.tenant_id, n.user_id) in (
        select * from unnest(${tenantIds}::uuid[], ${userIds}::text[])
      )
      and n.status = 'deferred' and n.until <= ${now.toString()}
    order by n.tenant_id, n.id
    for no key update`.execute(sql);
  const { rows } = await statement<WokenRow>`
    ${selectWoken}
    where (n.tenant_id, n.user_id) in (
        select * from unnest(${tenantIds}::uuid[], ${userIds}::text[])
      )
      and n.status = 'deferred' and n.until <= ${now.toString()}
    order by n.created_at, n.id`.execute(sql);
  return rows;
}

function decidedOf(verdict: WakeVerdict, reach: Reach, now: Temporal.Instant): Decided[] {
  switch (verdict.kind) {
    case 'cancel':
      return [{ item: verdict.item, reach, status: 'cancelled', reason: verdict.reason }];
    case 'hold': {
      const { item, status, reason, until } = verdict;
      return [{ item, reach, status, reason, until }];
    }
    case 'in_app_only': {
      const { item, reason } = verdict;
      const skip = reason === 'no_channel' ? null : reason;
      return [{ item, reach, status: 'pending', reason, skip, takesPlace: false }];
    }
    case 'send':
      return sendingOf(verdict, reach, now);
  }
}

function sendingOf(
  { items, takesPlace }: Extract<WakeVerdict, { kind: 'send' }>,
  reach: Reach,
  now: Temporal.Instant,
): Decided[] {
  const [first, ...others] = items;
  if (others.length === 0)
    return [{ item: first, reach, status: 'pending', reason: null, skip: null, takesPlace }];
  const rollUp = makeNotification(
    { type: 'roll_up', alerts: alertsOf(items) },
    highestSeverity(items),
    reach,
    now,
  );
  return [
    { item: rollUp, reach, status: 'pending', reason: null, skip: null, takesPlace },
    ...mergedInto(rollUp, items, reach, 'quiet_hours'),
  ];
}
