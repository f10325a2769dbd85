/** Decides the openings that a cooldown held back, once it has ended. */
import type { Threshold } from '../../values/severity.ts';
import {
  type Decision,
  type DecisionOutcome,
  type Evaluation,
  type EvaluationInput,
  type LevelState,
  silenceOf,
} from './levels.ts';

export type CooldownInput = Omit<EvaluationInput, 'steps' | 'cause'>;

/** `threshold` is missing where the rule has dropped the level since. */
type HeldBack = { state: LevelState; threshold: Threshold | undefined; outcome: DecisionOutcome };

const closing: ReadonlySet<DecisionOutcome> = new Set(['past_period', 'rule_changed', 'superseded']);

/**
 * Of the levels whose cooldown has ended and that are still open, the highest notifies, unless a higher one is open
 * too: the person has heard, or will hear, of that one. A level that the rule no longer has is closed.
 */
export function endCooldowns(input: CooldownInput): Evaluation {
  const { spentMinor } = input;
  const due = input.states.filter((state) => isDue(state, input.now));
  const heldBack = due.filter((state) => state.isOpen).map((state) => judge(input, state));
  const speaker = heldBack.find(({ outcome }) => !closing.has(outcome));
  return {
    spentMinor,
    states: due.map((state) => nextState(input, state, heldBack)),
    decisions: heldBack.map((item) => decisionOf(input, item, item === speaker)),
    alert: speaker?.threshold
      ? {
          level: speaker.threshold.percent,
          severity: speaker.threshold.severity,
          spentMinor,
          silenced: silenceOf(input),
        }
      : null,
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
): DecisionOutcome {
  const { phase, rule, states } = input;
  if (phase === 'closed') return 'past_period';
  if (!threshold) return 'rule_changed';
  const isHigherOpen = rule.thresholds.some(
    ({ percent }) => percent > state.level && states.some((other) => other.level === percent && other.isOpen),
  );
  return isHigherOpen ? 'superseded' : (silenceOf(input) ?? 'notified');
}

const decisionOf = (
  { spentMinor }: CooldownInput,
  { state, outcome }: HeldBack,
  isSpeaker: boolean,
): Decision => ({
  level: state.level,
  outcome,
  spentMinor,
  expenseId: null,
  until: null,
  notifies: isSpeaker ? 'alert' : null,
});

function nextState({ now }: CooldownInput, state: LevelState, heldBack: readonly HeldBack[]): LevelState {
  const outcome = heldBack.find((item) => item.state === state)?.outcome;
  return {
    ...state,
    isOpen: state.isOpen && outcome !== 'rule_changed',
    notifiedAt: outcome === 'notified' ? now : state.notifiedAt,
    renotifyAt: null,
  };
}
