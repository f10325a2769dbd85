/**
 * Whether a notification may interrupt its person now, and if not, until when it is held. Whoever asks has
 * told it in the app already; what woke or was capped is asked about anew when its time comes.
 */
import { quietUntil } from './quiet-hours.ts';
import type { InterruptingChannel } from '../../values/channels.ts';
import type { Severity } from '../../values/severity.ts';
import type { QuietHours } from '../../values/preferences.ts';

/** Why a delivery on a channel would not be tried. */
export type SkipReason = 'opted_out' | 'no_address' | 'bounced' | 'not_configured';

/** What is asked before the cap is: what holds at a moment of one who is to be told. */
export type InterruptionMoment = {
  severity: Severity;
  /** The rule's notifications are off. */
  isMuted: boolean;
  /** The later of the person's and the rule's; null or past: not snoozed. */
  snoozedUntil: Temporal.Instant | null;
  /** The person lets what is critical past quiet hours and cap. */
  criticalInterrupts: boolean;
  /** The interrupting ones asked for, each with why it would be skipped. */
  channels: readonly { channel: InterruptingChannel; skip: SkipReason | null }[];
  /** The rule's window where it has one, else the person's, else the default. */
  quietHours: QuietHours;
  /** The person's. */
  timeZone: string;
  now: Temporal.Instant;
};

export type InterruptionInput = InterruptionMoment & {
  /** Interruptions of the person's local day, and how many are allowed; null for what does not count: digests. */
  cap: { max: number; today: number } | null;
  /** The time of the digest that names a capped notification; asked only where the day is full. */
  readonly digestAt: Temporal.Instant;
};

/** `takesPlace`: it counts against the day. `no_channel`: none is left that would be tried. */
export type InterruptionVerdict =
  | { verdict: 'send'; reason: null; until: null; countsAgainstQuota: boolean }
  | { verdict: 'in_app_only'; reason: 'muted' | 'snoozed' | 'no_channel'; until: null }
  | { verdict: 'defer'; reason: 'quiet_hours'; until: Temporal.Instant }
  | { verdict: 'cap'; reason: 'daily_cap'; until: Temporal.Instant };

export type Objection = Extract<InterruptionVerdict, { verdict: 'in_app_only' | 'defer' }>;

/** Throws `RangeError` for a zone or a time that there is not: then nothing is decided. */
export function decideInterruption(input: InterruptionInput): InterruptionVerdict {
  const objection = findObjection(input);
  if (objection) return objection;
  return isDayFull(input) && !isUrgent(input)
    ? { verdict: 'cap', reason: 'daily_cap', until: input.digestAt }
    : { verdict: 'send', reason: null, until: null, countsAgainstQuota: input.cap !== null };
}

/** What speaks against interrupting now, but for the cap. Throws as `decideInterruption` does. */
export function findObjection(moment: InterruptionMoment): Objection | null {
  const silence = reasonForSilence(moment);
  if (silence) return { verdict: 'in_app_only', reason: silence, until: null };
  const until = isUrgent(moment) ? null : quietUntil(moment.quietHours, moment.timeZone, moment.now);
  return until && { verdict: 'defer', reason: 'quiet_hours', until };
}

const isUrgent = ({ severity, criticalInterrupts }: InterruptionMoment): boolean =>
  severity === 'critical' && criticalInterrupts;

function reasonForSilence(input: InterruptionMoment): 'muted' | 'snoozed' | 'no_channel' | null {
  if (input.isMuted) return 'muted';
  if (isSnoozed(input)) return 'snoozed';
  return input.channels.every(({ skip }) => skip !== null) ? 'no_channel' : null;
}

const isSnoozed = ({ snoozedUntil, now }: InterruptionMoment): boolean =>
  snoozedUntil !== null && Temporal.Instant.compare(now, snoozedUntil) < 0;

const isDayFull = ({ cap }: InterruptionInput): boolean => cap !== null && cap.today >= cap.max;
