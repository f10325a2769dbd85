/**
 * Sends the digests whose hour has come: what a person spent the day or the week before, and what the daily cap
 * held back. One of each kind a person and local day; none where there is nothing to say.
 */
import { decideTelling } from '../../domain/telling.ts';
import type { Database, Sql } from '../database.ts';
import { findDueDigests } from './find-due-digests.ts';
import { insertNotifications } from './insert-notifications.ts';
import { lockCapped } from './lock-capped.ts';
import { lockPeople, personKey, type PersonRef } from './lock-people.ts';
import { type Digest, makeDigests } from './make-digests.ts';
import { mergedInto } from './make-notification.ts';
import { decidedOf } from './plan-deliveries.ts';
import { readDigestsDue } from './read-digests-due.ts';
import { readReach } from './read-reach.ts';
import { rescheduleDigests } from './reschedule-digests.ts';
import { rescheduleAllHeld } from './reschedule-held.ts';
import { writeSummaries } from './write-summaries.ts';
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
    const people = await findDueDigests(sql, tenantIds, limit, now);
    if (people.length === 0) return { people: 0, unsent: [] };
    await lockPeople(sql, people);
    const unsent = await tell(sql, await digestsOf(sql, people, means, now), means, now);
    // Who has had that day's digest is told in the next.
    await rescheduleAllHeld(sql, people, now);
    await rescheduleDigests(sql, people, now);
    return { people: people.length, unsent };
  });

/** Whoever else looks after the same people waits for their lock, and finds nothing due. */
async function digestsOf(
  sql: Sql,
  people: readonly PersonRef[],
  means: Means,
  now: Temporal.Instant,
): Promise<Digest[]> {
  const dueSince = await readDigestsDue(sql, people);
  const capped = await lockCapped(sql, people, now);
  const reached = await readReach(sql, people, means.configured);
  const waiting = people.map((person) => {
    const reach = reached.get(personKey(person));
    if (!reach) throw new Error('a digest for somebody who is not registered');
    const dueAt = dueSince.get(personKey(person)) ?? null;
    return { reach, dueAt, capped: capped.get(personKey(person)) ?? [] };
  });
  return makeDigests(sql, waiting, now);
}

async function tell(
  sql: Sql,
  digests: readonly Digest[],
  means: Means,
  now: Temporal.Instant,
): Promise<Unsent[]> {
  const made = await insertNotifications(
    sql,
    digests.map(({ item, digestDay }) => ({ ...item, digestDay })),
    now,
  );
  const told = digests.filter(({ item }) => made.has(item.id));
  await writeSummaries(
    sql,
    told.flatMap(({ summary }) => summary ?? []),
    now,
  );
  return writeTelling(
    sql,
    told.flatMap((digest) => decidedFor(digest, now)),
    means,
    now,
  );
}

/** It does not count, but keeps to quiet hours: whatever is in it waited already. */
const decidedFor = ({ item, capped, reach }: Digest, now: Temporal.Instant): Decided[] => [
  decidedOf(item, reach, decideTelling({ ...item, severity: 'info' }, reach, null, now)),
  ...mergedInto(item, capped, reach, 'daily_cap'),
];
