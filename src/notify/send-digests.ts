/**
 * Sends the digests whose hour has come: what a person spent the day or the week before, and what the daily cap
 * held back. One of each kind a person and local day; none where there is nothing to say.
 */
import { decideNotification } from './decide/policy.ts';
import type { Database, Sql } from '../runtime/database/database.ts';
import { findDueDigests } from './sql/find-due-digests.ts';
import { insertNotifications } from './sql/insert-notifications.ts';
import { lockCapped } from './sql/lock-capped.ts';
import { lockPeople } from '../accounts/people.ts';
import { type Digest, makeDigests } from './make-digests.ts';
import { mergedInto } from './make-notification.ts';
import { readDigestsDue } from './sql/read-digests-due.ts';
import { readRecipients } from './sql/policy-row.ts';
import { rescheduleDigests } from './reschedule-digests.ts';
import { rescheduleAllWaiting } from './reschedule-waiting.ts';
import { writeSummaries } from '../insight/summaries/write-summaries.ts';
import {
  type PlannedNotification,
  type ChannelSetup,
  type PendingDelivery,
  writePlans,
} from './sql/write-plans.ts';
import { personKey, type PersonRef } from '../values/refs.ts';

/** Of at most `limit` people; as many as that mean there may be more. */
export const sendDueDigests = (
  db: Database,
  tenantIds: readonly string[],
  limit: number,
  channelSetup: ChannelSetup,
  now: Temporal.Instant,
): Promise<{ people: number; deliveries: PendingDelivery[] }> =>
  db.transaction(tenantIds, async (sql) => {
    const people = await findDueDigests(sql, tenantIds, limit, now);
    if (people.length === 0) return { people: 0, deliveries: [] };
    await lockPeople(sql, people);
    const deliveries = await tell(sql, await digestsOf(sql, people, channelSetup, now), channelSetup, now);
    // Who has had that day's digest is told in the next.
    await rescheduleAllWaiting(sql, people, now);
    await rescheduleDigests(sql, people, now);
    return { people: people.length, deliveries };
  });

/** Whoever else looks after the same people waits for their lock, and finds nothing due. */
async function digestsOf(
  sql: Sql,
  people: readonly PersonRef[],
  channelSetup: ChannelSetup,
  now: Temporal.Instant,
): Promise<Digest[]> {
  const dueSince = await readDigestsDue(sql, people);
  const capped = await lockCapped(sql, people, now);
  const reached = await readRecipients(sql, people, channelSetup.configured);
  const waiting = people.map((person) => {
    const recipient = reached.get(personKey(person));
    if (!recipient) throw new Error('a digest for somebody who is not registered');
    const dueAt = dueSince.get(personKey(person)) ?? null;
    return { recipient, dueAt, capped: capped.get(personKey(person)) ?? [] };
  });
  return makeDigests(sql, waiting, now);
}

async function tell(
  sql: Sql,
  digests: readonly Digest[],
  channelSetup: ChannelSetup,
  now: Temporal.Instant,
): Promise<PendingDelivery[]> {
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
  return writePlans(
    sql,
    told.flatMap((digest) => plansFor(digest, now)),
    channelSetup,
    now,
  );
}

/** It does not count, but keeps to quiet hours: whatever is in it waited already. */
const plansFor = ({ item, capped, recipient }: Digest, now: Temporal.Instant): PlannedNotification[] => [
  { item, recipient, verdict: decideNotification({ ...item, severity: 'info' }, recipient, null, now) },
  ...mergedInto(item, capped, recipient, 'daily_cap'),
];
