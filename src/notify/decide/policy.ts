/**
 * The notification policy: whether a notification may interrupt its recipient. It is asked when a notification is
 * planned, when a deferred one is released and when a delivery is claimed (`recheck-at-claim.ts`). Pure; the order
 * of its reasons is `interruption.ts`.
 */
import type { Channel, InterruptingChannel } from '../../values/channels.ts';
import type { DigestPreferences, QuietHours } from '../../values/preferences.ts';
import { highestSeverity, type Severity } from '../../values/severity.ts';
import type { NotificationType } from '../../values/statuses.ts';
import { anomaliesIn, channelsOf, type NotificationContent, withFacts } from './content.ts';
import { dailyHours, movedDigest, nextDigest } from './digest.ts';
import {
  ceilings,
  decideInterruption,
  type InterruptionMoment,
  type InterruptionVerdict,
  findDeferral,
  slotsFor,
  type SkipReason,
} from './interruption.ts';
import { hasQuota, maxOf, ownQuota } from './quota.ts';
import { type CancelReason, recheck, type Waited } from './recheck.ts';

/** A person's settings about being interrupted. `timeZone`: theirs, else the tenant's. */
export type InterruptionPreferences = {
  timeZone: string;
  snoozeUntil: Temporal.Instant | null;
  criticalInterrupts: boolean;
  quietHours: QuietHours;
  /** The reason why a channel would be skipped; null where it would be used. */
  skip: Record<InterruptingChannel, SkipReason | null>;
};

/** The person that a notification is for. */
export type Recipient = InterruptionPreferences & {
  tenantId: string;
  /** The name that messages come from. */
  tenantName: string;
  userId: string;
  locale: string;
  digest: DigestPreferences;
  /** The most interruptions of a local day over all rules. Null: each rule's own number alone. */
  maxPerDay: number | null;
  /** The latest local day for which a digest was made. */
  lastDigestDay: string | null;
  /** Proves that an unsubscribe link was made for them. */
  unsubscribeKey: string;
};

/** What a message needs to know of the person that it is for. */
export type MessageRecipient = Pick<
  Recipient,
  'tenantId' | 'tenantName' | 'userId' | 'locale' | 'timeZone' | 'unsubscribeKey'
>;

/** A rule's own settings about interrupting. */
export type RuleSettings = {
  isActive: boolean;
  isMuted: boolean;
  snoozeUntil: Temporal.Instant | null;
  quietHours: QuietHours | null;
  maxPerDay: number;
  channels: Channel[];
};

/** A notification as the policy sees it. `rule` is null for a notification that is about no single rule. */
export type PendingNotification = {
  tenantId: string;
  id: string;
  userId: string;
  type: NotificationType;
  severity: Severity;
  title: string;
  message: string;
  content: NotificationContent;
  /** Decided when it was made. */
  silenced: 'muted' | 'on_pace' | null;
  /** A digest keeps to quiet hours, whatever it contains. */
  isDigest: boolean;
  /** The content is not the stored one: it has changed while the notification waited. */
  isRenewed: boolean;
  rule: RuleSettings | null;
};

/** What a person was interrupted by in their local day so far. SMS count when they are planned. */
export type DayUsage = { interruptions: number; sms: number };

export const nothingUsed: DayUsage = { interruptions: 0, sms: 0 };

/** The recipient without the channels whose ceiling is reached. */
export const withinCeilings = (recipient: Recipient, { sms }: DayUsage): Recipient =>
  sms < ceilings.sms
    ? recipient
    : { ...recipient, skip: { ...recipient.skip, sms: recipient.skip.sms ?? 'ceiling' } };

/** The verdict on one notification, as the plan is written from it. */
export type Verdict = InterruptionVerdict | { verdict: 'cancel'; reason: CancelReason };

/** `interruptions`: those of the recipient's local day so far. Null: the quota is not asked. */
export function decideNotification(
  item: Omit<PendingNotification, 'tenantId' | 'id' | 'userId' | 'title' | 'message' | 'isRenewed'>,
  recipient: Recipient,
  interruptions: number | null,
  now: Temporal.Instant,
): InterruptionVerdict {
  if (item.silenced) return { verdict: 'in_app_only', reason: item.silenced, until: null };
  const { rule } = item;
  return decideInterruption({
    ...momentOf({ severity: severityOf(item), channels: channelsOf(item.content), rule }, recipient, now),
    cap: hasQuota(item) ? { max: maxOf(item, interruptions), today: interruptions ?? 0 } : null,
    personMax: interruptions === null ? null : recipient.maxPerDay,
    get digestAt() {
      return cappedUntil(recipient, now);
    },
  });
}

const severityOf = ({ isDigest, severity }: Pick<PendingNotification, 'isDigest' | 'severity'>): Severity =>
  isDigest ? 'info' : severity;

type Interrupting = {
  severity: Severity;
  channels: readonly InterruptingChannel[];
  rule: Pick<RuleSettings, 'isMuted' | 'snoozeUntil' | 'quietHours'> | null;
};

/** A rule's settings go before its person's, but for a snooze: the later one holds. */
export const momentOf = (
  { severity, channels, rule }: Interrupting,
  preferences: InterruptionPreferences,
  now: Temporal.Instant,
): InterruptionMoment => ({
  severity,
  isMuted: rule?.isMuted ?? false,
  snoozedUntil: later(rule?.snoozeUntil ?? null, preferences.snoozeUntil),
  criticalInterrupts: preferences.criticalInterrupts,
  channels: channels.map((channel) => ({ channel, skip: preferences.skip[channel] })),
  quietHours: rule?.quietHours ?? preferences.quietHours,
  timeZone: preferences.timeZone,
  now,
});

const later = (a: Temporal.Instant | null, b: Temporal.Instant | null): Temporal.Instant | null => {
  if (a === null || b === null) return a ?? b;
  return Temporal.Instant.compare(a, b) < 0 ? b : a;
};

/** Until when a deferred notification waits now, and why; null: its time has come. */
export const deferralOf = (
  item: Pick<PendingNotification, 'severity' | 'isDigest' | 'rule'>,
  preferences: InterruptionPreferences,
  now: Temporal.Instant,
) => findDeferral(momentOf({ severity: severityOf(item), channels: [], rule: item.rule }, preferences, now));

/** The person's next digest. */
export const digestAfter = (recipient: Recipient, now: Temporal.Instant): Temporal.Instant =>
  nextDigest(recipient.digest, recipient.timeZone, now, recipient.lastDigestDay).at;

/** The same after a change of digests or of the zone `zoneBefore`, for a digest that was due at `dueBefore`. */
export const digestAfterChange = (
  { digest, timeZone, lastDigestDay: lastDay }: Recipient,
  dueBefore: Temporal.Instant,
  zoneBefore: string,
  now: Temporal.Instant,
): Temporal.Instant => movedDigest(digest, timeZone, { dueBefore, zoneBefore, now, lastDay });

/** When a notification is told that is capped now: at the digest's hour of a day, whatever digests the person has. */
export const cappedUntil = (recipient: Recipient, now: Temporal.Instant): Temporal.Instant =>
  digestAfter({ ...recipient, digest: dailyHours(recipient.digest) }, now);

/** The same after a change, for one that was capped until `untilBefore`. */
export const cappedUntilAfterChange = (
  recipient: Recipient,
  untilBefore: Temporal.Instant,
  zoneBefore: string,
  now: Temporal.Instant,
): Temporal.Instant =>
  digestAfterChange({ ...recipient, digest: dailyHours(recipient.digest) }, untilBefore, zoneBefore, now);

/** A notification whose time has come. */
export type DueNotification = { item: PendingNotification; waited: Waited };

/**
 * The notifications that go out as one share a verdict; with any other verdict each stands alone. `merge`: a later
 * digest contains it.
 */
export type ReleaseDecision = Together<Verdict | { verdict: 'merge'; mergedInto: string }>;
export type Together<V> = { items: [PendingNotification, ...PendingNotification[]]; verdict: V };

/**
 * Decides the notifications of one person that are due together. Those about rules and anomalies go out together and count once.
 */
export function decideRelease(
  due: readonly DueNotification[],
  recipient: Recipient,
  interruptions: number,
  now: Temporal.Instant,
): ReleaseDecision[] {
  const decisions = due.map((each) => decideAlone(each, recipient, now));
  const joins = ({ items: [item], verdict }: ReleaseDecision): boolean =>
    verdict.verdict === 'send' && hasQuota(item);
  const alone = foldDigests(decisions.filter((decision) => !joins(decision)));
  const [first, ...others] = decisions.filter(joins).flatMap(({ items }) => items);
  return first ? [...alone, ...decideTogether([first, ...others], recipient, interruptions, now)] : alone;
}

/** The quota is not asked here: it holds for the notifications that go out together. */
function decideAlone(due: DueNotification, recipient: Recipient, now: Temporal.Instant): ReleaseDecision {
  const rechecked = renew(due);
  if ('reason' in rechecked)
    return { items: [due.item], verdict: { verdict: 'cancel', reason: rechecked.reason } };
  return { items: [rechecked.item], verdict: decideNotification(rechecked.item, recipient, null, now) };
}

/** The notification as it still holds, or the reason to cancel it. */
export function renew({
  item,
  waited,
}: DueNotification): { item: PendingNotification } | { reason: CancelReason } {
  const rechecked = recheck(item.content, waited);
  if (rechecked.reason) return { reason: rechecked.reason };
  const { content } = rechecked;
  const isRenewed = JSON.stringify(content) !== JSON.stringify(item.content);
  return { item: isRenewed ? { ...item, content, isRenewed } : item };
}

/** Digests of one kind that waited for the same end are one: the latest, with the alerts of all. */
function foldDigests(decisions: readonly ReleaseDecision[]): ReleaseDecision[] {
  const isSentDigest = ({ items: [item], verdict }: ReleaseDecision): boolean =>
    item.isDigest && verdict.verdict === 'send';
  const kinds = Map.groupBy(decisions.filter(isSentDigest), ({ items: [item] }) => item.type);
  return [...decisions.filter((each) => !isSentDigest(each)), ...[...kinds.values()].flatMap(foldKind)];
}

function foldKind(decisions: readonly ReleaseDecision[]): ReleaseDecision[] {
  const last = decisions.at(-1);
  if (!last || decisions.length === 1) return [...decisions];
  const [latest] = last.items;
  const alerts = decisions.flatMap(({ items: [{ content }] }) => ('alerts' in content ? content.alerts : []));
  const anomalies = decisions.flatMap(({ items: [{ content }] }) => anomaliesIn(content));
  if (!('alerts' in latest.content)) return [...decisions];
  const item = { ...latest, content: withFacts(latest.content, { alerts, anomalies }), isRenewed: true };
  return [
    { items: [item], verdict: last.verdict },
    ...decisions.slice(0, -1).map(({ items }): ReleaseDecision => {
      return { items, verdict: { verdict: 'merge', mergedInto: latest.id } };
    }),
  ];
}

/**
 * Against the largest quota among their rules or the person's, if lower, with the severity of the most severe. A critical notification is never
 * capped. Recoveries take no part of the quota, so they go out also where the alerts are capped.
 */
export function decideTogether(
  items: [PendingNotification, ...PendingNotification[]],
  recipient: Recipient,
  interruptions: number,
  now: Temporal.Instant,
): Together<Verdict>[] {
  const until = cappedUntil(recipient, now);
  const capped = (item: PendingNotification, reason: 'ceiling' | 'daily_cap'): Together<Verdict> => ({
    items: [item],
    verdict: { verdict: 'cap', reason, until },
  });
  const sent = (
    [first, ...others]: readonly PendingNotification[],
    countsAgainstQuota: boolean,
  ): Together<Verdict>[] =>
    first
      ? [
          {
            items: [first, ...others],
            verdict: { verdict: 'send', reason: null, until: null, countsAgainstQuota },
          },
        ]
      : [];
  if (interruptions >= ceilings.interruptions) return items.map((item) => capped(item, 'ceiling'));
  const alerts = items.filter(({ type }) => type !== 'recovery');
  if (alerts.length === 0) return sent(items, false);
  const severity = highestSeverity(alerts);
  const max = Math.max(...alerts.map(ownQuota));
  const isUrgent = recipient.criticalInterrupts && severity === 'critical';
  if (isUrgent || interruptions < slotsFor(severity, max, recipient.maxPerDay)) return sent(items, true);
  const recoveries = items.filter(({ type }) => type === 'recovery');
  return [...alerts.map((item) => capped(item, 'daily_cap')), ...sent(recoveries, false)];
}
