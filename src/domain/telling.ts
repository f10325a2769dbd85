/**
 * What becomes of what a person is to be told: of one notification when it is made, and of those held for them
 * when their time comes. Pure; the decision for each is `interruption.ts`'s.
 */
import { type DigestPreferences, movedDigest, nextDigest } from './digest.ts';
import { type CancelReason, type HeldState, recheckHeld } from './held.ts';
import {
  decideInterruption,
  type Interruption,
  type InterruptionMoment,
  type SkipReason,
} from './interruption.ts';
import type { NotificationType, Told } from './notification.ts';
import type { InterruptingChannel } from './preferences.ts';
import { type QuietHours, type Severity, severities } from './rule.ts';

/** What a person wants of being interrupted. `timeZone`: theirs, else the tenant's. */
export type Wishes = {
  timeZone: string;
  snoozeUntil: Temporal.Instant | null;
  criticalInterrupts: boolean;
  quietHours: QuietHours;
  /** Why a channel would be skipped; null where it would be sent on. */
  skip: Record<InterruptingChannel, SkipReason | null>;
};

/** How a person can be reached, and wants to be. */
export type Reach = Wishes & {
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
export type Tellable = {
  tenantId: string;
  id: string;
  userId: string;
  type: NotificationType;
  severity: Severity;
  title: string;
  message: string;
  told: Told;
  /** Decided when it was made. */
  silenced: 'muted' | 'snoozed' | null;
  rule: TellingRule | null;
};

/** What a rule has of its own about interrupting. */
export type RuleWishes = {
  isMuted: boolean;
  snoozeUntil: Temporal.Instant | null;
  quietHours: QuietHours | null;
};

export type TellingRule = RuleWishes & { maxPerDay: number };

/** `interruptions`: of the person's local day so far. Null: as if there were no cap. */
export function decideTelling(
  item: Pick<Tellable, 'severity' | 'told' | 'silenced' | 'rule'>,
  reach: Reach,
  interruptions: number | null,
  now: Temporal.Instant,
): Interruption {
  if (item.silenced) return { verdict: 'in_app_only', reason: item.silenced, until: null };
  const { rule } = item;
  return decideInterruption({
    ...momentOf({ severity: item.severity, channels: channelsOf(item.told), rule }, reach, now),
    cap: rule && interruptions !== null ? { max: rule.maxPerDay, today: interruptions } : null,
    digestAt: digestAfter(reach, now),
  });
}

type Interrupting = {
  severity: Severity;
  channels: readonly InterruptingChannel[];
  rule: RuleWishes | null;
};

/** What a rule wants goes before what its person does, but for a snooze: the later one holds. */
export const momentOf = (
  { severity, channels, rule }: Interrupting,
  wishes: Wishes,
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
export const digestAfter = (reach: Reach, now: Temporal.Instant): Temporal.Instant =>
  nextDigest(reach.digest, reach.timeZone, now, reach.lastDigestDay).at;

/** The same for what was to be told at `dueBefore`, after a change of digest or of the zone `zoneBefore`. */
export const digestAfterChange = (
  reach: Reach,
  dueBefore: Temporal.Instant,
  zoneBefore: string,
  now: Temporal.Instant,
): Temporal.Instant =>
  movedDigest(reach.digest, reach.timeZone, { dueBefore, zoneBefore, now, lastDay: reach.lastDigestDay });

const later = (a: Temporal.Instant | null, b: Temporal.Instant | null): Temporal.Instant | null => {
  if (a === null || b === null) return a ?? b;
  return Temporal.Instant.compare(a, b) < 0 ? b : a;
};

/** The interrupting channels that something told uses, in their usual order. */
export function channelsOf(told: Told): InterruptingChannel[] {
  const used = new Set('alerts' in told ? told.alerts.flatMap(({ channels }) => channels) : singleOf(told));
  return interrupting.filter((channel) => used.has(channel) || showsFigures(told, channel));
}

/** Figures are for who has time to read them. */
const showsFigures = (told: Told, channel: InterruptingChannel): boolean =>
  'figures' in told && channel === 'email';

const interrupting: readonly InterruptingChannel[] = ['email', 'sms', 'push'];

const singleOf = (told: Exclude<Told, { alerts: unknown }>) => ('channels' in told ? told.channels : []);

/** Of what is told together, what one channel shows: the alerts whose rules use it, and figures by mail. */
export function shownOn(told: Told, channel: InterruptingChannel): Told {
  if (!('alerts' in told)) return told;
  const alerts = told.alerts.filter(({ channels }) => channels.includes(channel));
  if (!('figures' in told) || showsFigures(told, channel)) return { ...told, alerts };
  const { figures: _left, ...others } = told;
  return { ...others, alerts };
}

/** A held notification when its time has come; `state`: how what it is about stands by now. */
export type Woken = { item: Tellable; state: HeldState };

export type WakeVerdict =
  | { kind: 'cancel'; item: Tellable; reason: CancelReason }
  | { kind: 'hold'; item: Tellable; status: 'deferred' | 'capped'; reason: string; until: Temporal.Instant }
  | { kind: 'in_app_only'; item: Tellable; reason: string }
  /** Goes out by itself, or several as one. */
  | { kind: 'send'; items: [Tellable, ...Tellable[]]; takesPlace: boolean };

/** Of what woke for one person at the same time. What is about a rule goes out together, and counts once. */
export function decideWoken(
  woken: readonly Woken[],
  reach: Reach,
  interruptions: number,
  now: Temporal.Instant,
): WakeVerdict[] {
  const verdicts = woken.map((each) => wake(each, reach, now));
  const sent = verdicts.flatMap((verdict) => (verdict.kind === 'send' ? [verdict] : []));
  const [first, ...others] = sent.flatMap(({ items }) => items).filter(({ rule }) => rule !== null);
  const rest = verdicts.filter(
    (verdict) => verdict.kind !== 'send' || verdict.items.every(({ rule }) => rule === null),
  );
  return first ? [...rest, ...together([first, ...others], reach, interruptions, now)] : rest;
}

/** As if there were no cap, which holds for what goes out together. */
function wake({ item, state }: Woken, reach: Reach, now: Temporal.Instant): WakeVerdict {
  const reason = recheckHeld(state);
  if (reason) return { kind: 'cancel', item, reason };
  const decided = decideTelling(item, reach, null, now);
  switch (decided.verdict) {
    case 'in_app_only':
      return { kind: 'in_app_only', item, reason: decided.reason };
    case 'defer':
      return { kind: 'hold', item, status: 'deferred', reason: decided.reason, until: decided.until };
    case 'send':
    case 'cap':
      return { kind: 'send', items: [item], takesPlace: false };
  }
}

/** Against the largest number among its rules; what is critical is never stopped. */
function together(
  items: [Tellable, ...Tellable[]],
  reach: Reach,
  interruptions: number,
  now: Temporal.Instant,
): WakeVerdict[] {
  const max = Math.max(...items.map(({ rule }) => rule?.maxPerDay ?? 0));
  const isUrgent = reach.criticalInterrupts && items.some(({ severity }) => severity === 'critical');
  if (isUrgent || interruptions < max) return [{ kind: 'send', items, takesPlace: true }];
  const until = digestAfter(reach, now);
  return items.map((item) => ({ kind: 'hold', item, status: 'capped', reason: 'daily_cap', until }));
}

/** The severity of several is the highest among them. */
export const highestSeverity = (items: readonly { severity: Severity }[]): Severity =>
  severities[Math.max(0, ...items.map(({ severity }) => severities.indexOf(severity)))] ?? 'info';
