/**
 * Decides whether a notification may interrupt its recipient now, and if not, until when it waits. It is in the app
 * already. A deferred or capped notification is decided again when its time comes.
 */
import { quietUntil } from './quiet-hours.ts';
import type { InterruptingChannel } from '../../values/channels.ts';
import type { Severity } from '../../values/severity.ts';
import type { QuietHours } from '../../values/preferences.ts';

/** The reason why a delivery on a channel would not be tried. */
export type SkipReason =
  | 'opted_out'
  | 'not_confirmed'
  | 'no_address'
  | 'bounced'
  | 'not_configured'
  | 'ceiling';

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
   * Interruptions of the person's local day so far, and how many are allowed. Null for a digest: it neither counts nor
   * meets a ceiling.
   */
  cap: { max: number; today: number } | null;
  /** The time of the digest that contains the notification if it is capped. Read only if it is. */
  readonly digestAt: Temporal.Instant;
};

/**
 * `countsAgainstQuota`: the send uses one interruption of the daily quota. `no_channel`: every channel is skipped.
 */
export type InterruptionVerdict =
  | { verdict: 'send'; reason: null; until: null; countsAgainstQuota: boolean }
  | { verdict: 'in_app_only'; reason: 'muted' | 'snoozed' | 'no_channel'; until: null }
  | { verdict: 'defer'; reason: 'quiet_hours'; until: Temporal.Instant }
  | { verdict: 'cap'; reason: 'daily_cap' | 'ceiling'; until: Temporal.Instant };

export type Objection = Extract<InterruptionVerdict, { verdict: 'in_app_only' | 'defer' }>;

/** Throws `RangeError` for an unknown zone or time; then nothing is decided. */
export function decideInterruption(input: InterruptionInput): InterruptionVerdict {
  if (!isSilent(input) && isCeilingReached(input))
    return { verdict: 'cap', reason: 'ceiling', until: input.digestAt };
  const objection = findObjection(input);
  if (objection) return objection;
  return isQuotaUsedUp(input) && !isUrgent(input)
    ? { verdict: 'cap', reason: 'daily_cap', until: input.digestAt }
    : { verdict: 'send', reason: null, until: null, countsAgainstQuota: input.cap !== null };
}

/** The reason against interrupting now, without the daily quota. Throws as `decideInterruption` does. */
export function findObjection(moment: InterruptionMoment): Objection | null {
  const silence = reasonForSilence(moment);
  if (silence) return { verdict: 'in_app_only', reason: silence, until: null };
  const until = isUrgent(moment) ? null : quietEnd(moment);
  return until && { verdict: 'defer', reason: 'quiet_hours', until };
}

/** The end of the quiet hours at a moment; null outside them. */
export const quietEnd = ({ quietHours, timeZone, now }: InterruptionMoment): Temporal.Instant | null =>
  quietUntil(quietHours, timeZone, now);

const isUrgent = ({ severity, criticalInterrupts }: InterruptionMoment): boolean =>
  severity === 'critical' && criticalInterrupts;

function reasonForSilence(input: InterruptionMoment): 'muted' | 'snoozed' | 'no_channel' | null {
  if (input.isMuted) return 'muted';
  if (isSnoozed(input)) return 'snoozed';
  return input.channels.every(({ skip }) => skip !== null) ? 'no_channel' : null;
}

const isSilent = (moment: InterruptionMoment): boolean => moment.isMuted || isSnoozed(moment);

/** Either no interruption is left, or no channel is left and one of them because of its ceiling. */
const isCeilingReached = ({ cap, channels }: InterruptionInput): boolean =>
  cap !== null &&
  (cap.today >= ceilings.interruptions ||
    (channels.every(({ skip }) => skip !== null) && channels.some(({ skip }) => skip === 'ceiling')));

const isSnoozed = ({ snoozedUntil, now }: InterruptionMoment): boolean =>
  snoozedUntil !== null && Temporal.Instant.compare(now, snoozedUntil) < 0;

const isQuotaUsedUp = ({ cap }: InterruptionInput): boolean => cap !== null && cap.today >= cap.max;
