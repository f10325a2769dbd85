/**
 * Decides whether a notification may interrupt its recipient now, and if not, until when it waits. It is in the app
 * already. A deferred or capped notification is decided again when its time comes.
 */
import { quietUntil } from './quiet-hours.ts';
import type { InterruptingChannel } from '../../values/channels.ts';
import type { Severity } from '../../values/severity.ts';
import type { QuietHours } from '../../values/preferences.ts';
import type { capReasons, deferReasons, inAppReasons, skipReasons } from '../../values/statuses.ts';

/** The reason why a delivery on a channel would not be tried. */
export type SkipReason = (typeof skipReasons)[number];

/** Ceilings of a person's local day. Nothing passes them, critical notifications included. */
export const ceilings = { interruptions: 30, sms: 10 } as const;

/** The input of every check but the daily quota, at one moment. */
export type InterruptionMoment = {
  severity: Severity;
  /** The rule's notifications are off. */
  isMuted: boolean;
  /** The later end of the person's snooze and the rule's. Null or past: not snoozed. */
  snoozedUntil: Temporal.Instant | null;
  /** The person lets critical notifications pass quiet hours and the daily quota. */
  criticalInterrupts: boolean;
  /** The interrupting channels that the notification uses, each with the reason why it would be skipped. */
  channels: readonly { channel: InterruptingChannel; skip: SkipReason | null }[];
  /** The rule's window, else the person's, else the default. */
  quietHours: QuietHours;
  /** The person's. */
  timeZone: string;
  now: Temporal.Instant;
};

export type InterruptionInput = InterruptionMoment & {
  /**
   * Interruptions of the person's local day so far, and how many are allowed. `max` is null for a recovery: it does not
   * count, and only the ceiling stops it. Null for a digest: it meets no ceiling either.
   */
  cap: { max: number | null; today: number } | null;
  /** How many the person allows over all rules: the lower of it and `cap.max` holds. Null: they set none. */
  personMax: number | null;
  /** The time of the digest that contains the notification if it is capped. Read only if it is. */
  readonly digestAt: Temporal.Instant;
};

/**
 * `countsAgainstQuota`: the send uses one interruption of the daily quota. `no_channel`: every channel is skipped.
 */
export type InterruptionVerdict =
  | { verdict: 'send'; reason: null; until: null; countsAgainstQuota: boolean }
  | { verdict: 'in_app_only'; reason: (typeof inAppReasons)[number]; until: null }
  | { verdict: 'defer'; reason: (typeof deferReasons)[number]; until: Temporal.Instant }
  | { verdict: 'cap'; reason: (typeof capReasons)[number]; until: Temporal.Instant };

export type Objection = Extract<InterruptionVerdict, { verdict: 'in_app_only' | 'defer' }>;
type Deferral = Extract<InterruptionVerdict, { verdict: 'defer' }>;

/** Throws `RangeError` for an unknown zone or time; then nothing is decided. */
export function decideInterruption(input: InterruptionInput): InterruptionVerdict {
  if (!isSilent(input) && isCeilingReached(input))
    return { verdict: 'cap', reason: 'ceiling', until: input.digestAt };
  const objection = findObjection(input);
  if (objection) return objection;
  return isQuotaUsedUp(input) && !isUrgent(input)
    ? { verdict: 'cap', reason: 'daily_cap', until: input.digestAt }
    : { verdict: 'send', reason: null, until: null, countsAgainstQuota: hasQuota(input) };
}

/** The reason against interrupting now, without the daily quota. Throws as `decideInterruption` does. */
export function findObjection(moment: InterruptionMoment): Objection | null {
  if (moment.isMuted) return { verdict: 'in_app_only', reason: 'muted', until: null };
  const hasChannel = moment.channels.some(({ skip }) => skip === null);
  if (!hasChannel && !isSnoozed(moment)) return { verdict: 'in_app_only', reason: 'no_channel', until: null };
  return findDeferral(moment);
}

/** The snooze or the quiet hours that a notification waits for, whichever ends later. Null: neither. */
export function findDeferral(moment: InterruptionMoment): Deferral | null {
  const quietEnd = isUrgent(moment) ? null : quietUntil(moment.quietHours, moment.timeZone, moment.now);
  const snoozeEnd = isSnoozed(moment) ? moment.snoozedUntil : null;
  if (snoozeEnd && (quietEnd === null || Temporal.Instant.compare(quietEnd, snoozeEnd) <= 0))
    return { verdict: 'defer', reason: 'snoozed', until: snoozeEnd };
  return quietEnd && { verdict: 'defer', reason: 'quiet_hours', until: quietEnd };
}

const isUrgent = ({ severity, criticalInterrupts }: InterruptionMoment): boolean =>
  severity === 'critical' && criticalInterrupts;

/** A silent notification meets no ceiling: it would not interrupt. */
const isSilent = (moment: InterruptionMoment): boolean => moment.isMuted || isSnoozed(moment);

/** Either no interruption is left, or no channel is left and one of them because of its ceiling. */
const isCeilingReached = ({ cap, channels }: InterruptionInput): boolean =>
  cap !== null &&
  (cap.today >= ceilings.interruptions ||
    (channels.every(({ skip }) => skip !== null) && channels.some(({ skip }) => skip === 'ceiling')));

const isSnoozed = ({ snoozedUntil, now }: InterruptionMoment): boolean =>
  snoozedUntil !== null && Temporal.Instant.compare(now, snoozedUntil) < 0;

const hasQuota = ({ cap }: InterruptionInput): boolean => cap !== null && cap.max !== null;

const isQuotaUsedUp = ({ cap, personMax, severity }: InterruptionInput): boolean =>
  cap !== null && cap.max !== null && cap.today >= slotsFor(severity, cap.max, personMax);

/**
 * How many interruptions a day a severity may take, of the lower of the rules' quota and the person's. The last of two
 * or more is kept for danger.
 */
export function slotsFor(severity: Severity, rulesMax: number, personMax: number | null): number {
  const max = Math.min(rulesMax, personMax ?? rulesMax);
  return max >= 2 && severity !== 'danger' && severity !== 'critical' ? max - 1 : max;
}
