/**
 * Whether what was decided when a notification was made still holds when one of its deliveries is claimed: it
 * may have waited for its provider, or to be tried again, for hours. Pure; the cap is not asked again, for its
 * place of the day is taken.
 */
import { findObjection, type Objection } from './interruption.ts';
import { momentOf, type RuleSettings, type InterruptionPreferences } from './policy.ts';
import type { InterruptingChannel } from '../../values/channels.ts';
import type { Severity } from '../../values/severity.ts';

/** What becomes of a claimed delivery instead of a send. */
export type Withheld =
  /** It may have gone out before a crash. */
  | { kind: 'unknown'; reason: string }
  /** Ended since by its person or their rules. */
  | { kind: 'skipped'; reason: string }
  /** Stays pending for `forMs`: quiet hours. */
  | { kind: 'postponed'; reason: string; forMs: number };

export type ClaimedState = {
  channel: InterruptingChannel;
  severity: Severity;
  preferences: InterruptionPreferences;
  /** Those of what is told; none: it keeps to what its person wants. */
  rules: readonly Omit<RuleSettings, 'maxPerDay'>[];
  /** A crash left it half-way. */
  mayHaveGone: boolean;
};

/** Null: it is to be sent. Throws `RangeError` for a zone or a time that there is not. */
export function recheckAtClaim(state: ClaimedState, now: Temporal.Instant): Withheld | null {
  const rules = state.rules.filter(({ isActive }) => isActive);
  if (state.rules.length > 0 && rules.length === 0) return ended(state, 'rule_disabled');
  const { channel, severity, preferences: wishes } = state;
  const objections = (rules.length > 0 ? rules : [null]).map((rule) =>
    findObjection(momentOf({ severity, channels: [channel], rule }, wishes, now)),
  );
  const untils = objections.flatMap((objection) => objection?.until ?? []);
  if (untils.length > 0) return { kind: 'postponed', reason: 'quiet_hours', forMs: longest(untils, now) };
  // What tells of several goes out while one of them may.
  const [first] = objections;
  return first && !objections.includes(null) ? ended(state, reasonOf(first, state)) : null;
}

const reasonOf = ({ reason }: Objection, { channel, preferences: wishes }: ClaimedState): string =>
  reason === 'no_channel' ? (wishes.skip[channel] ?? reason) : reason;

/** What may have gone out is not sent again against its person's will, nor said to have been skipped. */
const ended = ({ mayHaveGone }: ClaimedState, reason: string): Withheld =>
  mayHaveGone ? { kind: 'unknown', reason: 'crashed' } : { kind: 'skipped', reason };

const longest = (untils: readonly Temporal.Instant[], now: Temporal.Instant): number =>
  Math.max(...untils.map((until) => Math.ceil(now.until(until).total('milliseconds'))));
