/** Looks again at what quiet hours held, once they are over: cancelled, held on, capped, or sent, several as one. */
import { sql as statement } from 'kysely';
import { decideRelease, type Recipient, type ReleaseVerdict } from './decide/policy.ts';
import type { Database, Sql } from '../runtime/database/database.ts';
import { lockDailyQuotas } from './sql/lock-daily-quota.ts';
import { lockPeople } from '../accounts/lock-people.ts';
import { insertNotifications } from './sql/insert-notifications.ts';
import { alertsOf, mergedInto, makeNotification } from './make-notification.ts';
import { readRecipients } from './sql/read-recipients.ts';
import {
  selectDueNotifications,
  toDueNotification,
  type DueNotificationRow,
} from './sql/pending-notification-row.ts';
import {
  type PlannedNotification,
  type ChannelSetup,
  type PendingDelivery,
  writePlans,
} from './sql/write-plans.ts';
import { highestSeverity } from '../values/severity.ts';
import { personKey, type PersonRef } from '../values/refs.ts';

/** Of at most `limit` people; as many as that mean there may be more. */
export const releaseDue = (
  db: Database,
  tenantIds: readonly string[],
  limit: number,
  channelSetup: ChannelSetup,
  now: Temporal.Instant,
): Promise<{ people: number; deliveries: PendingDelivery[] }> =>
  db.transaction(tenantIds, async (sql) => {
    const due = await findPeople(sql, tenantIds, limit, now);
    if (due.length === 0) return { people: 0, deliveries: [] };
    await lockPeople(sql, due);
    const woken = Map.groupBy((await lockDue(sql, due, now)).map(toDueNotification), ({ item }) =>
      personKey(item),
    );
    const reached = await readRecipients(sql, due, channelSetup.configured);
    const interruptions = await lockDailyQuotas(sql, [...reached.values()], now);
    const decided = [...woken].flatMap(([key, items]) => {
      const recipient = reached.get(key);
      if (!recipient) throw new Error('a notification for somebody who is not registered');
      return decideRelease(items, recipient, interruptions.get(key) ?? 0, now).flatMap((verdict) =>
        decidedOf(verdict, recipient, now),
      );
    });
    await insertNotifications(
      sql,
      decided.filter(({ item }) => item.type === 'roll_up').map(({ item }) => item),
      now,
    );
    return { people: due.length, deliveries: await writePlans(sql, decided, channelSetup, now) };
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
async function lockDue(
  sql: Sql,
  people: readonly PersonRef[],
  now: Temporal.Instant,
): Promise<DueNotificationRow[]> {
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
  const { rows } = await statement<DueNotificationRow>`
    ${selectDueNotifications}
    where (n.tenant_id, n.user_id) in (
        select * from unnest(${tenantIds}::uuid[], ${userIds}::text[])
      )
      and n.status = 'deferred' and n.until <= ${now.toString()}
    order by n.created_at, n.id`.execute(sql);
  return rows;
}

function decidedOf(
  verdict: ReleaseVerdict,
  recipient: Recipient,
  now: Temporal.Instant,
): PlannedNotification[] {
  switch (verdict.kind) {
    case 'cancel':
      return [{ item: verdict.item, recipient: recipient, status: 'cancelled', reason: verdict.reason }];
    case 'hold': {
      const { item, status, reason, until } = verdict;
      return [{ item, recipient: recipient, status, reason, until }];
    }
    case 'in_app_only': {
      const { item, reason } = verdict;
      const skip = reason === 'no_channel' ? null : reason;
      return [{ item, recipient: recipient, status: 'pending', reason, skip, countsAgainstQuota: false }];
    }
    case 'send':
      return sendingOf(verdict, recipient, now);
  }
}

function sendingOf(
  { items, countsAgainstQuota: takesPlace }: Extract<ReleaseVerdict, { kind: 'send' }>,
  recipient: Recipient,
  now: Temporal.Instant,
): PlannedNotification[] {
  const [first, ...others] = items;
  if (others.length === 0)
    return [
      {
        item: first,
        recipient: recipient,
        status: 'pending',
        reason: null,
        skip: null,
        countsAgainstQuota: takesPlace,
      },
    ];
  const rollUp = makeNotification(
    { type: 'roll_up', alerts: alertsOf(items) },
    highestSeverity(items),
    recipient,
    now,
  );
  return [
    {
      item: rollUp,
      recipient: recipient,
      status: 'pending',
      reason: null,
      skip: null,
      countsAgainstQuota: takesPlace,
    },
    ...mergedInto(rollUp, items, recipient, 'quiet_hours'),
  ];
}
