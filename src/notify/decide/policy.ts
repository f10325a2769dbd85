/**
 * What becomes of what a person is to be told: of one notification when it is made, and of those held for them
 * when their time comes. Pure; the decision for each is `interruption.ts`'s.
 */
import { movedDigest, nextDigest } from './digest.ts';
import { type CancelReason, type WaitingState, recheckWaiting } from './recheck-waiting.ts';
import {
  decideInterruption,
  type InterruptionVerdict,
  type InterruptionMoment,
  type SkipReason,
} from './interruption.ts';
import type { NotificationContent } from './content.ts';
import type { DigestPreferences, QuietHours } from '../../values/preferences.ts';
import type { NotificationType } from '../../values/statuses.ts';
import type { InterruptingChannel } from '../../values/channels.ts';
import type { Severity } from '../../values/severity.ts';

/** What a person wants of being interrupted. `timeZone`: theirs, else the tenant's. */
export type InterruptionPreferences = {
  timeZone: string;
  snoozeUntil: Temporal.Instant | null;
  criticalInterrupts: boolean;
  quietHours: QuietHours;
  /** Why a channel would be skipped; null where it would be sent on. */
  skip: Record<InterruptingChannel, SkipReason | null>;
};

/** How a person can be reached, and wants to be. */
export type Recipient = InterruptionPreferences & {
  tenantId: string;
  userId: string;
  locale: string;
  digest: DigestPreferences;
  /** The latest local day that a digest was made for. */
  lastDigestDay: string | null;
  /** Proves that a link was made for them. */
  unsubscribeKey: string;
};

/** A notification, as far as deciding it depends on it. `rule` is null for what is about no single rule. */
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
  silenced: 'muted' | 'snoozed' | null;
  rule: RuleQuotaSettings | null;
};

/** What a rule has of its own about interrupting. */
export type RuleInterruptionSettings = {
  isMuted: boolean;
  snoozeUntil: Temporal.Instant | null;
  quietHours: QuietHours | null;
};

export type RuleQuotaSettings = RuleInterruptionSettings & { maxPerDay: number };

/** `interruptions`: of the person's local day so far. Null: as if there were no cap. */
export function decideNotification(
  item: Pick<PendingNotification, 'severity' | 'content' | 'silenced' | 'rule'>,
  recipient: Recipient,
  interruptions: number | null,
  now: Temporal.Instant,
): InterruptionVerdict {
  if (item.silenced) return { verdict: 'in_app_only', reason: item.silenced, until: null };
  const { rule } = item;
  return decideInterruption({
    ...momentOf({ severity: item.severity, channels: channelsOf(item.content), rule }, recipient, now),
    cap: rule && interruptions !== null ? { max: rule.maxPerDay, today: interruptions } : null,
    digestAt: digestAfter(recipient, now),
  });
}

type Interrupting = {
  severity: Severity;
  channels: readonly InterruptingChannel[];
  rule: RuleInterruptionSettings | null;
};

/** What a rule wants goes before what its person does, but for a snooze: the later one holds. */
export const momentOf = (
  { severity, channels, rule }: Interrupting,
  wishes: InterruptionPreferences,
  now: Temporal.Instant,
): InterruptionMoment => ({
  severity,
  isMuted: rule?.isMuted ?? false,
  snoozedUntil: later(rule?.snoozeUntil ?? null, wishes.snoozeUntil),
  criticalInterrupts: wishes.criticalInterrupts,
  channels: channels.map((channel) => ({ channel, skip: wishes.skip[channel] })),
  quietHours: rule?.quietHours ?? wishes.quietHours,
  timeZone: wishes.timeZone,
  now,
});

/** When what is capped now is told. */
export const digestAfter = (recipient: Recipient, now: Temporal.Instant): Temporal.Instant =>
  nextDigest(recipient.digest, recipient.timeZone, now, recipient.lastDigestDay).at;

/** The same for what was to be told at `dueBefore`, after a change of digest or of the zone `zoneBefore`. */
export const digestAfterChange = (
  recipient: Recipient,
  dueBefore: Temporal.Instant,
  zoneBefore: string,
  now: Temporal.Instant,
): Temporal.Instant =>
  movedDigest(recipient.digest, recipient.timeZone, {
    dueBefore,
    zoneBefore,
    now,
    lastDay: recipient.lastDigestDay,
  });

const later = (a: Temporal.Instant | null, b: Temporal.Instant | null): Temporal.Instant | null => {
  if (a === null || b === null) return a ?? b;
  return Temporal.Instant.compare(a, b) < 0 ? b : a;
};

/** The interrupting channels that something told uses, in their usual order. */
export function channelsOf(told: NotificationContent): InterruptingChannel[] {
  const used = new Set('alerts' in told ? told.alerts.flatMap(({ channels }) => channels) : singleOf(told));
  return interrupting.filter((channel) => used.has(channel) || showsFigures(told, channel));
}

/** Figures are for who has time to read them. */
const showsFigures = (told: NotificationContent, channel: InterruptingChannel): boolean =>
  'figures' in told && channel === 'email';

const interrupting: readonly InterruptingChannel[] = ['email', 'sms', 'push'];

const singleOf = (told: Exclude<NotificationContent, { alerts: unknown }>) =>
  'channels' in told ? told.channels : [];

/** Of what is told together, what one channel shows: the alerts whose rules use it, and figures by mail. */
export function shownOn(told: NotificationContent, channel: InterruptingChannel): NotificationContent {
  if (!('alerts' in told)) return told;
  const alerts = told.alerts.filter(({ channels }) => channels.includes(channel));
  if (!('figures' in told) || showsFigures(told, channel)) return { ...told, alerts };
  const { figures: _left, ...others } = told;
  return { ...others, alerts };
}

/** A held notification when its time has come; `state`: how what it is about stands by now. */
export type DueNotification = { item: PendingNotification; state: WaitingState };

export type ReleaseVerdict =
  | { kind: 'cancel'; item: PendingNotification; reason: CancelReason }
  | {
      kind: 'hold';
      item: PendingNotification;
      status: 'deferred' | 'capped';
      reason: string;
      until: Temporal.Instant;
    }
  | { kind: 'in_app_only'; item: PendingNotification; reason: string }
  /** Goes out by itself, or several as one. */
  | { kind: 'send'; items: [PendingNotification, ...PendingNotification[]]; countsAgainstQuota: boolean };

/** Of what woke for one person at the same time. What is about a rule goes out together, and counts once. */
export function decideRelease(
  woken: readonly DueNotification[],
  recipient: Recipient,
  interruptions: number,
  now: Temporal.Instant,
): ReleaseVerdict[] {
  const verdicts = woken.map((each) => recheck(each, recipient, now));
  const sent = verdicts.flatMap((verdict) => (verdict.kind === 'send' ? [verdict] : []));
  const [first, ...others] = sent.flatMap(({ items }) => items).filter(({ rule }) => rule !== null);
  const rest = verdicts.filter(
    (verdict) => verdict.kind !== 'send' || verdict.items.every(({ rule }) => rule === null),
  );
  return first ? [...rest, ...together([first, ...others], recipient, interruptions, now)] : rest;
}

/** As if there were no cap, which holds for what goes out together. */
function recheck(
  { item, state }: DueNotification,
  recipient: Recipient,
  now: Temporal.Instant,
): ReleaseVerdict {
  const reason = recheckWaiting(state);
  if (reason) return { kind: 'cancel', item, reason };
  const decided = decideNotification(item, recipient, null, now);
  switch (decided.verdict) {
    case 'in_app_only':
      return { kind: 'in_app_only', item, reason: decided.reason };
    case 'defer':
      return { kind: 'hold', item, status: 'deferred', reason: decided.reason, until: decided.until };
    case 'send':
    case 'cap':
      return { kind: 'send', items: [item], countsAgainstQuota: false };
  }
}

/** Against the largest number among its rules; what is critical is never stopped. */
function together(
  items: [PendingNotification, ...PendingNotification[]],
  recipient: Recipient,
  interruptions: number,
  now: Temporal.Instant,
): ReleaseVerdict[] {
  const max = Math.max(...items.map(({ rule }) => rule?.maxPerDay ?? 0));
  const isUrgent = recipient.criticalInterrupts && items.some(({ severity }) => severity === 'critical');
  if (isUrgent || interruptions < max) return [{ kind: 'send', items, countsAgainstQuota: true }];
  const until = digestAfter(recipient, now);
  return items.map((item) => ({ kind: 'hold', item, status: 'capped', reason: 'daily_cap', until }));
}
