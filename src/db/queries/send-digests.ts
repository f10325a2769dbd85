/** Tells what the daily cap held back, once a person's digest is due: one digest a person and local day. */
import { sql as statement } from 'kysely';
import { type DueDigest, nextDigest } from '../../domain/digest.ts';
import type { Told } from '../../domain/notification.ts';
import { decideTelling, highestSeverity, type Reach, type Tellable } from '../../domain/telling.ts';
import type { Database, Sql } from '../database.ts';
import { insertNotifications } from './insert-notifications.ts';
import { lockPeople, personKey, type PersonRef } from './lock-people.ts';
import { alertsOf, mergedInto, makeNotification } from './make-notification.ts';
import { decidedOf } from './plan-deliveries.ts';
import { readReach } from './read-reach.ts';
import { selectTellable, type TellableRow, toTellable } from '../tellable-row.ts';
import { rescheduleAllHeld } from './reschedule-held.ts';
import { type Decided, type Means, type Unsent, writeTelling } from './write-telling.ts';

/** Of at most `limit` people; as many as that mean there may be more. */
export const sendDueDigests = (
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
    const capped = Map.groupBy(await lockDue(sql, due, now), ({ item }) => personKey(item));
    const reached = await readReach(sql, due, means.configured);
    const digests = [...capped].flatMap(([key, items]) => digestOf(items, reached.get(key), now) ?? []);
    const made = await insertNotifications(
      sql,
      digests.map(({ item, digestDay }) => ({ ...item, digestDay })),
      now,
    );
    const telling = digests.filter(({ item }) => made.has(item.id));
    const unsent = await writeTelling(
      sql,
      telling.flatMap((digest) => decidedFor(digest, now)),
      means,
      now,
    );
    // Who has had that day's digest is told in the next.
    await rescheduleAllHeld(sql, due, now);
    return { people: due.length, unsent };
  });

type Due = { item: Tellable; until: Temporal.Instant };
type Digest = { item: Tellable; digestDay: string; capped: readonly Tellable[]; reach: Reach };

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
    where tenant_id = any(${tenantIds}::uuid[]) and status = 'capped' and until <= ${now.toString()}
    group by tenant_id, user_id
    order by min(until), tenant_id, user_id
    limit ${limit}`.execute(sql);
  return rows.map((row) => ({ tenantId: row.tenant_id, userId: row.user_id }));
}

/** Whoever else looks after the same people waits for their lock, and finds nothing due. Rides on `notification_history_held_user`. */
async function lockDue(sql: Sql, people: readonly PersonRef[], now: Temporal.Instant): Promise<Due[]> {
  const { rows } = await statement<TellableRow & { until: string }>`
    select told.*, n.until
    from notification_history n
    join (${selectTellable}) told on told.tenant_id = n.tenant_id and told.id = n.id
    where (n.tenant_id, n.user_id) in (
        select * from unnest(
          ${people.map(({ tenantId }) => tenantId)}::uuid[],
          ${people.map(({ userId }) => userId)}::text[]
        )
      )
      and n.status = 'capped' and n.until <= ${now.toString()}
    order by n.created_at, n.id
    for no key update of n`.execute(sql);
  return rows.map((row) => ({ item: toTellable(row), until: Temporal.Instant.from(row.until) }));
}

/** Null where it turns out not to be due: the person has asked for another hour meanwhile. */
function digestOf(due: readonly Due[], reach: Reach | undefined, now: Temporal.Instant): Digest | null {
  if (!reach) throw new Error('a notification for somebody who is not registered');
  const capped = due.map(({ item }) => item);
  const [earliest = now] = due.map(({ until }) => until).sort(Temporal.Instant.compare);
  const digest = nextDigest(reach.digest, reach.timeZone, earliest.subtract({ nanoseconds: 1 }), null);
  if (Temporal.Instant.compare(digest.at, now) > 0) return null;
  const item = makeNotification(toldIn(digest, capped), highestSeverity(capped), reach, now);
  return { item, digestDay: digest.day, capped, reach };
}

/** A day's digest is about the day before it, a week's about the seven. */
function toldIn({ type, day }: DueDigest, capped: readonly Tellable[]): Exclude<Told, { ruleId: string }> {
  const alerts = alertsOf(capped);
  if (type === 'roll_up') return { type, alerts };
  const first = Temporal.PlainDate.from(day).subtract({ days: type === 'daily_summary' ? 1 : 7 });
  return { type, day: first.toString(), alerts };
}

/** It does not count, but keeps to quiet hours: whatever is in it waited already. */
const decidedFor = ({ item, capped, reach }: Digest, now: Temporal.Instant): Decided[] => [
  decidedOf(item, reach, decideTelling({ ...item, severity: 'info' }, reach, null, now)),
  ...mergedInto(item, capped, reach, 'daily_cap'),
];
