/** What becomes of openings that a cooldown held back, once it has ended. */
import {
  type Decision,
  type Evaluation,
  type EvaluationInput,
  type LevelState,
  type Opening,
  silencedBy,
  notifyingOutcome,
  notifies,
} from './alert.ts';
import type { Threshold } from '../../values/severity.ts';

export type CooldownInput = Omit<EvaluationInput, 'steps' | 'cause'>;

/** `threshold` is missing where the rule has dropped the level since. */
type HeldBack = { state: LevelState; threshold: Threshold | undefined; outcome: Decision['outcome'] };

/**
 * Of the levels whose cooldown has ended and that are still open, the highest is told, unless a higher one
 * is open too: then the person has heard, or will hear, of that. A level the rule no longer has is closed.
 */
export function endCooldowns(input: CooldownInput): Evaluation {
  const due = input.states.filter((state) => isDue(state, input.now));
  const held = due.filter((state) => state.isOpen).map((state) => judge(input, state));
  const telling = held.find(({ outcome }) => notifies(outcome));
  return {
    spentMinor: input.spentMinor,
    states: due.map((state) => nextState(input, state, held)),
    decisions: held.map((item) => decisionOf(input, item, item === telling)),
    alert: telling?.threshold ? toldOf(input, telling, telling.threshold) : null,
    recovery: null,
  };
}

const isDue = (state: LevelState, now: Temporal.Instant): boolean =>
  state.renotifyAt !== null && Temporal.Instant.compare(state.renotifyAt, now) <= 0;

function judge(input: CooldownInput, state: LevelState): HeldBack {
  const threshold = input.rule.thresholds.find(({ percent }) => percent === state.level);
  return { state, threshold, outcome: outcomeOf(input, state, threshold) };
}

function outcomeOf(
  input: CooldownInput,
  state: LevelState,
  threshold: Threshold | undefined,
): Decision['outcome'] {
  const { phase, rule, states } = input;
  if (phase === 'closed') return 'past_period';
  if (!threshold) return 'rule_changed';
  const isHigherOpen = rule.thresholds.some(
    ({ percent }) => percent > state.level && states.some((other) => other.level === percent && other.isOpen),
  );
  if (isHigherOpen) return 'superseded';
  return notifyingOutcome(input);
}

const decisionOf = (
  { spentMinor }: CooldownInput,
  { state, outcome }: HeldBack,
  tells: boolean,
): Decision => ({
  level: state.level,
  outcome,
  spentMinor,
  expenseId: null,
  until: null,
  notifies: tells ? 'alert' : null,
});

function nextState({ now }: CooldownInput, state: LevelState, held: readonly HeldBack[]): LevelState {
  const outcome = held.find((item) => item.state === state)?.outcome;
  return {
    ...state,
    isOpen: state.isOpen && outcome !== 'rule_changed',
    notifiedAt: outcome === 'notified' ? now : state.notifiedAt,
    renotifyAt: null,
  };
}

const toldOf = (
  { spentMinor }: CooldownInput,
  { outcome }: HeldBack,
  { percent, severity }: Threshold,
): Opening => ({
  level: percent,
  severity,
  spentMinor,
  silenced: notifies(outcome) ? silencedBy(outcome) : null,
});
