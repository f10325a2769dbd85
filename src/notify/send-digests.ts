/**
 * Sends the digests that are due. A digest contains the spending of the day or week before and the capped
 * notifications that still hold. A person gets one of each kind a local day, and none if there is nothing to report.
 */
import { decideNotification, renew } from './decide/policy.ts';
import type { Database, Sql } from '../runtime/database/database.ts';
import { insertNotifications } from './sql/insert-notifications.ts';
import { lockCapped } from './sql/lock-capped.ts';
import { lockFreePeople } from '../accounts/people.ts';
import { type Digest, makeDigests } from './make-digests.ts';
import { mergedInto } from './make-notification.ts';
import { readDigestsDue } from './sql/read-digests-due.ts';
import { readRecipients } from './sql/policy-row.ts';
import { countMonthlyMessages, lockMonthlyQuotas } from './sql/lock-monthly-quota.ts';
import type { MonthlyQuotas } from './decide/monthly-quota.ts';
import { rescheduleDigests } from './reschedule-digests.ts';
import { rescheduleAllWaiting } from './reschedule-waiting.ts';
import { noteTold } from '../insight/recommendations/tell-recommendation.ts';
import { writeSummaries } from '../insight/summaries/write-summaries.ts';
import {
  type PlannedNotification,
  type ChannelSetup,
  type PendingDelivery,
  writePlans,
} from './sql/write-plans.ts';
import { personKey, type PersonRef, tenantsOf } from '../values/refs.ts';

/**
 * Sends the digests of these people that are due. Returns the deliveries to enqueue, and the people left out, because
 * another transaction holds them.
 */
export const sendDueDigests = (
  db: Database,
  asked: readonly PersonRef[],
  channelSetup: ChannelSetup,
  now: Temporal.Instant,
): Promise<{ deliveries: PendingDelivery[]; busy: PersonRef[] }> =>
  db.transaction(tenantsOf(asked), async (sql) => {
    const { people: locked, busy } = await lockFreePeople(sql, asked);
    if (locked.size === 0) return { deliveries: [], busy };
    const people = [...locked.values()];
    const { digests, cancelled } = await digestsOf(sql, people, channelSetup, now);
    const deliveries = await writeDigests(sql, digests, cancelled, channelSetup, now);
    // A person who has had that day's digest finds the rest in the next.
    await rescheduleAllWaiting(sql, people, now);
    await rescheduleDigests(sql, people, now);
    return { deliveries, busy };
  });

/** `cancelled`: capped notifications that do not hold any more. */
type Made = { digests: Digest[]; cancelled: PlannedNotification[] };

/** A concurrent run that comes to the same people later finds nothing due. */
async function digestsOf(
  sql: Sql,
  people: readonly PersonRef[],
  channelSetup: ChannelSetup,
  now: Temporal.Instant,
): Promise<Made> {
  const dueSince = await readDigestsDue(sql, people);
  const capped = await lockCapped(sql, people, now);
  const recipients = await readRecipients(sql, people, channelSetup.configured);
  const cancelled: PlannedNotification[] = [];
  const waiting = people.map((person) => {
    const recipient = recipients.get(personKey(person));
    if (!recipient) throw new Error('a digest for somebody who is not registered');
    const dueAt = dueSince.get(personKey(person)) ?? null;
    const holding = (capped.get(personKey(person)) ?? []).flatMap((each) => {
      const renewed = renew(each);
      if ('item' in renewed) return [{ ...each, item: renewed.item }];
      cancelled.push({ item: each.item, recipient, verdict: { verdict: 'cancel', reason: renewed.reason } });
      return [];
    });
    return { recipient, dueAt, capped: holding };
  });
  return { digests: await makeDigests(sql, waiting, now), cancelled };
}

async function writeDigests(
  sql: Sql,
  digests: readonly Digest[],
  cancelled: readonly PlannedNotification[],
  channelSetup: ChannelSetup,
  now: Temporal.Instant,
): Promise<PendingDelivery[]> {
  const made = await insertNotifications(
    sql,
    digests.map(({ item, digestDay }) => ({ ...item, digestDay })),
    now,
  );
  const written = digests.filter(({ item }) => made.has(item.id));
  await writeSummaries(
    sql,
    written.flatMap(({ summary }) => summary ?? []),
    now,
  );
  await noteTold(
    sql,
    written.flatMap(({ recipient: { tenantId }, summary }) =>
      summary?.figures.advice
        ? [{ tenantId, recommendationId: summary.figures.advice.recommendationId }]
        : [],
    ),
    now,
  );
  const tenantIds = tenantsOf(written.map(({ recipient }) => recipient));
  const months = await lockMonthlyQuotas(sql, tenantIds, channelSetup.monthlyLimits, now);
  const plans = [...cancelled, ...written.flatMap((digest) => plansFor(digest, months, now))];
  const deliveries = await writePlans(sql, plans, channelSetup, now);
  await countMonthlyMessages(sql, months);
  return deliveries;
}

/**
 * A digest does not count against the quota, but keeps to quiet hours: its contents have waited already. Beyond the
 * month's mails it is in the app alone.
 */
function plansFor(
  { item, capped, recipient }: Digest,
  months: MonthlyQuotas,
  now: Temporal.Instant,
): PlannedNotification[] {
  const allowed = months.within(recipient);
  const verdict = decideNotification(item, allowed, null, now);
  return [
    months.admit({ item, recipient: allowed, verdict }),
    ...capped.flatMap(({ item: each, reason }) => mergedInto(item, [each], recipient, reason)),
  ];
}
