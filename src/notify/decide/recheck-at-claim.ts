/**
 * Rechecks the decision on a notification when one of its deliveries is claimed. The delivery may have waited hours
 * for its provider or a retry. Pure. The daily quota is not checked again: the notification counts already.
 */
import { findObjection, type Objection } from './interruption.ts';
import { momentOf, type RuleSettings, type InterruptionPreferences } from './policy.ts';
import type { InterruptingChannel } from '../../values/channels.ts';
import type { CancelReason } from './recheck.ts';
import type { Severity } from '../../values/severity.ts';

/** The outcome of a claimed delivery that is not sent. */
export type Withheld =
  /** The message may have gone out before a crash. */
  | { kind: 'unknown'; reason: string }
  /** The person or their rules have ruled it out since. `isStale`: what it tells does not hold any more. */
  | { kind: 'skipped'; reason: string; isStale?: true }
  /** The delivery stays pending for `forMs`, because of quiet hours or a snooze. */
  | { kind: 'postponed'; reason: string; forMs: number };

export type ClaimedState = {
  channel: InterruptingChannel;
  severity: Severity;
  preferences: InterruptionPreferences;
  /** The rules of the content's alerts. With none, only the person's preferences count. */
  rules: readonly Omit<RuleSettings, 'maxPerDay'>[];
  /** The reason why nothing of it holds any more; null: something does, or it did not wait. */
  stale: CancelReason | null;
  /** A crash interrupted an earlier attempt. */
  mayHaveGone: boolean;
};

/** Null: the delivery is to be sent. Throws `RangeError` for an unknown zone or time. */
export function recheckAtClaim(state: ClaimedState, now: Temporal.Instant): Withheld | null {
  const rules = state.rules.filter(({ isActive }) => isActive);
  const isRuledOut = state.rules.length > 0 && rules.length === 0;
  const stale = isRuledOut ? 'rule_disabled' : state.stale;
  if (stale) return ended(state, { reason: stale, isStale: true });
  const { channel, severity, preferences } = state;
  const objections = (rules.length > 0 ? rules : [null]).map((rule) =>
    findObjection(momentOf({ severity, channels: wantedOf(rule, channel), rule }, preferences, now)),
  );
  const untils = untilsOf(objections, 'quiet_hours');
  if (untils.length > 0)
    return { kind: 'postponed', reason: 'quiet_hours', forMs: Math.max(...untils.map(msFrom(now))) };
  // A message with several alerts goes out as long as one of them may.
  const [first] = objections;
  if (!first || objections.includes(null)) return null;
  const snoozes = untilsOf(objections, 'snoozed');
  if (snoozes.length > 0)
    return {
      kind: 'postponed',
      reason: 'snoozed',
      forMs: Math.min(...snoozes.map(msFrom(now)), snoozeRecheckMs),
    };
  return ended(state, { reason: reasonOf(first, state) });
}

/** A snooze may last for weeks and be lifted at any time, so it is looked at again. */
const snoozeRecheckMs = 300_000;

const untilsOf = (objections: readonly (Objection | null)[], reason: Objection['reason']) =>
  objections.flatMap((objection) => (objection?.reason === reason && objection.until) || []);

/** The person may have ended the channel for the rule since, by the link in an earlier message say. */
const wantedOf = (rule: Pick<RuleSettings, 'channels'> | null, channel: InterruptingChannel) =>
  rule === null || rule.channels.includes(channel) ? [channel] : [];

const reasonOf = ({ reason }: Objection, { channel, preferences }: ClaimedState): string =>
  reason === 'no_channel' ? (preferences.skip[channel] ?? 'opted_out') : reason;

/** A message that may have gone out is neither sent again against the person's will nor called skipped. */
const ended = (
  { mayHaveGone }: ClaimedState,
  skipped: Omit<Extract<Withheld, { kind: 'skipped' }>, 'kind'>,
): Withheld => (mayHaveGone ? { kind: 'unknown', reason: 'crashed' } : { kind: 'skipped', ...skipped });

const msFrom =
  (now: Temporal.Instant) =>
  (until: Temporal.Instant): number =>
    Math.ceil(now.until(until).total('milliseconds'));
