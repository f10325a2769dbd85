/**
 * Releases deferred notifications whose quiet hours, snooze or wait for others is over. Each is checked again: cancelled,
 * deferred further, capped, or sent. Two or more for one person are sent as one roll-up.
 */
import { sql as statement } from 'kysely';
import { isAmong, lockFreePeople } from '../accounts/people.ts';
import { isSetAside } from '../accounts/set-aside.ts';
import type { Database, Sql } from '../runtime/database/database.ts';
import type { Channel } from '../values/channels.ts';
import { personKey, type PersonRef, tenantsOf } from '../values/refs.ts';
import {
  decideRelease,
  type DueNotification,
  nothingUsed,
  type Recipient,
  withinCeilings,
} from './decide/policy.ts';
import { plansOf } from './plan-together.ts';
import { insertNotifications } from './sql/insert-notifications.ts';
import { lockDailyQuotas } from './sql/lock-daily-quota.ts';
import { countMonthlyMessages, lockMonthlyQuotas } from './sql/lock-monthly-quota.ts';
import {
  policyColumns,
  type PolicyRow,
  policyTables,
  toPendingNotification,
  toRecipient,
} from './sql/policy-row.ts';
import { toWaited, waitedRow, type WaitedRow } from './sql/waited-row.ts';
import { type ChannelSetup, type PendingDelivery, writePlans } from './sql/write-plans.ts';

/**
 * Releases the notifications of these people that are due. Returns the deliveries to enqueue, and the people left out,
 * because another transaction holds them.
 */
export const releaseDue = (
  db: Database,
  asked: readonly PersonRef[],
  channelSetup: ChannelSetup,
  now: Temporal.Instant,
): Promise<{ deliveries: PendingDelivery[]; busy: PersonRef[] }> =>
  db.transaction(tenantsOf(asked), async (sql) => {
    const { people, busy } = await lockFreePeople(sql, asked);
    if (people.size === 0) return { deliveries: [], busy };
    const deliveries = await releaseAll(sql, [...people.values()], channelSetup, now);
    return { deliveries, busy };
  });

/**
 * Releases the notifications of this person that are due. A change of the person's settings waits for it, and an
 * evaluation of their spending does not.
 */
export const releasePerson = (
  db: Database,
  person: PersonRef,
  channelSetup: ChannelSetup,
  now: Temporal.Instant,
): Promise<PendingDelivery[]> =>
  db.transaction([person.tenantId], async (sql) => {
    await lockSettings(sql, person);
    return releaseAll(sql, [person], channelSetup, now);
  });

/** Rides on the primary key. */
async function lockSettings(sql: Sql, { tenantId, userId }: PersonRef): Promise<void> {
  await statement`
    select from users where tenant_id = ${tenantId} and id = ${userId} for key share`.execute(sql);
}

async function releaseAll(
  sql: Sql,
  people: readonly PersonRef[],
  channelSetup: ChannelSetup,
  now: Temporal.Instant,
): Promise<PendingDelivery[]> {
  const due = await lockDue(sql, people, channelSetup.configured, now);
  if (due.size === 0) return [];
  const recipients = [...due.values()].map(([{ recipient }]) => recipient);
  const quotas = await lockDailyQuotas(sql, recipients, now);
  const months = await lockMonthlyQuotas(sql, tenantsOf(recipients), channelSetup.monthlyLimits, now);
  const plans = [...due].flatMap(([key, items]) => {
    const used = quotas.get(key) ?? nothingUsed;
    const recipient = months.within(withinCeilings(items[0].recipient, used));
    const reasons = new Map(items.map(({ item, reason }) => [item.id, reason]));
    return decideRelease(items, recipient, used.interruptions, now)
      .flatMap((decision) => plansOf(decision, recipient, ({ id }) => reasons.get(id) ?? 'quiet_hours', now))
      .map((plan) => months.admit(plan));
  });
  const rollUps = plans.map(({ item }) => item).filter(({ type }) => type === 'roll_up');
  await insertNotifications(sql, rollUps, now);
  const deliveries = await writePlans(sql, plans, channelSetup, now);
  await countMonthlyMessages(sql, months);
  return deliveries;
}

/** Finds at most `limit` people with a deferred notification that is due. Rides on `notification_history_held`. */
export async function findDeferred(
  sql: Sql,
  tenantIds: readonly string[],
  limit: number,
  now: Temporal.Instant,
  busy: readonly PersonRef[] = [],
): Promise<PersonRef[]> {
  const { rows } = await statement<{ tenant_id: string; user_id: string }>`
    select tenant_id, user_id
    from notification_history n
    where tenant_id = any(${tenantIds}::uuid[]) and status = 'deferred' and until <= ${now.toString()}
      and not ${isSetAside('n.tenant_id', 'n.user_id', 'wake-deferred', now)}
      and not ${isAmong('n.tenant_id', 'n.user_id', busy)}
    group by tenant_id, user_id
    order by min(until), tenant_id, user_id
    limit ${limit}`.execute(sql);
  return rows.map((row) => ({ tenantId: row.tenant_id, userId: row.user_id }));
}

type Row = PolicyRow & { waited: WaitedRow };

/** `reason`: why it waited. */
type Due = DueNotification & { recipient: Recipient; reason: string };

/**
 * All due notifications of these people, by `personKey`, each with the state of its subject now. They stay locked:
 * another release of the same people finds nothing due when this one is done. Rides on
 * `notification_history_held_user` and primary keys.
 */
async function lockDue(
  sql: Sql,
  people: readonly PersonRef[],
  configured: ReadonlySet<Channel>,
  now: Temporal.Instant,
): Promise<Map<string, [Due, ...Due[]]>> {
  const isDue = statement`
    ${isAmong('n.tenant_id', 'n.user_id', people)}
    and n.status = 'deferred' and n.until <= ${now.toString()}`;
  await statement`
    select from notification_history n where ${isDue} order by n.tenant_id, n.id for no key update`.execute(
    sql,
  );
  const { rows } = await statement<Row>`
    select ${policyColumns}, ${waitedRow} as waited
    from ${policyTables}
    where ${isDue}
    order by n.created_at, n.id`.execute(sql);
  const due = new Map<string, [Due, ...Due[]]>();
  for (const row of rows) {
    const recipient = toRecipient(row, configured);
    const waited = toWaited(row.waited);
    const each = { item: toPendingNotification(row), waited, recipient, reason: row.reason ?? 'quiet_hours' };
    const before = due.get(personKey(each.recipient));
    if (before) before.push(each);
    else due.set(personKey(each.recipient), [each]);
  }
  return due;
}
