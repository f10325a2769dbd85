/**
 * Rechecks the decision on a notification when one of its deliveries is claimed. The delivery may have waited hours
 * for its provider or a retry. Pure. The daily quota is not checked again: the notification counts already.
 */
import { findObjection, type Objection } from './interruption.ts';
import { momentOf, type RuleSettings, type InterruptionPreferences } from './policy.ts';
import type { InterruptingChannel } from '../../values/channels.ts';
import type { Severity } from '../../values/severity.ts';

/** The outcome of a claimed delivery that is not sent. */
export type Withheld =
  /** The message may have gone out before a crash. */
  | { kind: 'unknown'; reason: string }
  /** The person or their rules have ruled it out since. */
  | { kind: 'skipped'; reason: string }
  /** The delivery stays pending for `forMs`, because of quiet hours. */
  | { kind: 'postponed'; reason: string; forMs: number };

export type ClaimedState = {
  channel: InterruptingChannel;
  severity: Severity;
  preferences: InterruptionPreferences;
  /** The rules of the content's alerts. With none, only the person's preferences count. */
  rules: readonly Omit<RuleSettings, 'maxPerDay'>[];
  /** A crash interrupted an earlier attempt. */
  mayHaveGone: boolean;
};

/** Null: the delivery is to be sent. Throws `RangeError` for an unknown zone or time. */
export function recheckAtClaim(state: ClaimedState, now: Temporal.Instant): Withheld | null {
  const rules = state.rules.filter(({ isActive }) => isActive);
  if (state.rules.length > 0 && rules.length === 0) return ended(state, 'rule_disabled');
  const { channel, severity, preferences } = state;
  const objections = (rules.length > 0 ? rules : [null]).map((rule) =>
    findObjection(momentOf({ severity, channels: [channel], rule }, preferences, now)),
  );
  const untils = objections.flatMap((objection) => objection?.until ?? []);
  if (untils.length > 0) return { kind: 'postponed', reason: 'quiet_hours', forMs: longest(untils, now) };
  // A message with several alerts goes out as long as one of them may.
  const [first] = objections;
  return first && !objections.includes(null) ? ended(state, reasonOf(first, state)) : null;
}

const reasonOf = ({ reason }: Objection, { channel, preferences }: ClaimedState): string =>
  reason === 'no_channel' ? (preferences.skip[channel] ?? reason) : reason;

/** A message that may have gone out is neither sent again against the person's will nor called skipped. */
const ended = ({ mayHaveGone }: ClaimedState, reason: string): Withheld =>
  mayHaveGone ? { kind: 'unknown', reason: 'crashed' } : { kind: 'skipped', reason };

const longest = (untils: readonly Temporal.Instant[], now: Temporal.Instant): number =>
  Math.max(...untils.map((until) => Math.ceil(now.until(until).total('milliseconds'))));
