/**
 * Whether what was decided when a notification was made still holds when one of its deliveries is claimed: it
 * may have waited for its provider, or to be tried again, for hours. Pure; the cap is not asked again, for its
 * place of the day is taken.
 */
import type { Halted } from './delivery.ts';
import { findObjection, type Objection } from './interruption.ts';
import type { InterruptingChannel } from './preferences.ts';
import type { Severity } from './rule.ts';
import { momentOf, type RuleWishes, type Wishes } from './telling.ts';

export type ClaimedState = {
  channel: InterruptingChannel;
  severity: Severity;
  wishes: Wishes;
  /** Those of what is told; none: it keeps to what its person wants. */
  rules: readonly (RuleWishes & { isActive: boolean })[];
  /** A crash left it half-way. */
  mayHaveGone: boolean;
};

/** Null: it is to be sent. Throws `RangeError` for a zone or a time that there is not. */
export function recheckClaimed(state: ClaimedState, now: Temporal.Instant): Halted | null {
  const rules = state.rules.filter(({ isActive }) => isActive);
  if (state.rules.length > 0 && rules.length === 0) return ended(state, 'rule_disabled');
  const { channel, severity, wishes } = state;
  const objections = (rules.length > 0 ? rules : [null]).map((rule) =>
    findObjection(momentOf({ severity, channels: [channel], rule }, wishes, now)),
  );
  const untils = objections.flatMap((objection) => objection?.until ?? []);
  if (untils.length > 0) return { kind: 'postponed', reason: 'quiet_hours', forMs: longest(untils, now) };
  // What tells of several goes out while one of them may.
  const [first] = objections;
  return first && !objections.includes(null) ? ended(state, reasonOf(first, state)) : null;
}

const reasonOf = ({ reason }: Objection, { channel, wishes }: ClaimedState): string =>
  reason === 'no_channel' ? (wishes.skip[channel] ?? reason) : reason;

/** What may have gone out is not sent again against its person's will, nor said to have been skipped. */
const ended = ({ mayHaveGone }: ClaimedState, reason: string): Halted =>
  mayHaveGone ? { kind: 'unknown', reason: 'crashed' } : { kind: 'skipped', reason };

const longest = (untils: readonly Temporal.Instant[], now: Temporal.Instant): number =>
  Math.max(...untils.map((until) => Math.ceil(now.until(until).total('milliseconds'))));
