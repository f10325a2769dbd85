/** Decides about levels that opened again within a cooldown, once it has ended. */
import type { Threshold } from '../../values/severity.ts';
import { findGuards } from './guards.ts';
import {
  type Decision,
  type DecisionOutcome,
  type Evaluation,
  type EvaluationInput,
  type LevelState,
  silenceOf,
} from './levels.ts';

export type CooldownInput = Omit<EvaluationInput, 'steps' | 'cause'>;

/** `threshold` is missing if the rule no longer has the level. */
type EndedCooldown = { state: LevelState; threshold: Threshold | undefined; outcome: DecisionOutcome };

const silentOutcomes: ReadonlySet<DecisionOutcome> = new Set(['past_period', 'rule_changed', 'superseded']);

/**
 * The highest level that is still open after its cooldown makes a notification. It makes none if a higher level is
 * open: that level has its own notification, sent or still to come. A level that the rule no longer has is closed.
 */
export function endCooldowns(input: CooldownInput): Evaluation {
  const { spentMinor } = input;
  const due = input.states.filter((state) => isDue(state, input.now));
  const ended = due.filter((state) => state.isOpen).map((state) => judge(input, state));
  const notifying = ended.find(({ outcome }) => !silentOutcomes.has(outcome));
  const closed = new Set(ended.filter(({ outcome }) => outcome === 'rule_changed').map(({ state }) => state));
  const open = new Set(
    input.states.filter((state) => state.isOpen && !closed.has(state)).map(({ level }) => level),
  );
  return {
    spentMinor,
    guards: findGuards(input, open, spentMinor),
    states: due.map((state) => nextState(input, state, ended)),
    decisions: ended.map((item) => decisionOf(input, item, item === notifying)),
    alert: notifying?.threshold
      ? {
          level: notifying.threshold.percent,
          severity: notifying.threshold.severity,
          spentMinor,
          silenced: silenceOf(input),
        }
      : null,
    recovery: null,
  };
}

const isDue = (state: LevelState, now: Temporal.Instant): boolean =>
  state.renotifyAt !== null && Temporal.Instant.compare(state.renotifyAt, now) <= 0;

function judge(input: CooldownInput, state: LevelState): EndedCooldown {
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
  { state, outcome }: EndedCooldown,
  isNotifying: boolean,
): Decision => ({
  level: state.level,
  outcome,
  spentMinor,
  expenseId: null,
  until: null,
  notifies: isNotifying ? 'alert' : null,
});

function nextState({ now }: CooldownInput, state: LevelState, ended: readonly EndedCooldown[]): LevelState {
  const outcome = ended.find((item) => item.state === state)?.outcome;
  return {
    ...state,
    isOpen: state.isOpen && outcome !== 'rule_changed',
    notifiedAt: outcome === 'notified' ? now : state.notifiedAt,
    renotifyAt: null,
  };
}
