/** What becomes of openings that a cooldown held back, once it has ended. */
import type { Decision, EvaluationInput, Evaluation, LevelState } from './alert.ts';

export type CooldownInput = Omit<EvaluationInput, 'steps' | 'cause'>;

/**
 * Of the levels whose cooldown has ended and that are still open, the highest is told, unless a higher one
 * is open too: then the person has heard, or will hear, of that.
 */
export function endCooldowns(input: CooldownInput): Evaluation {
  const due = input.states.filter((state) => isDue(state, input.now));
  const open = input.states.filter((state) => state.isOpen).map((state) => state.level);
  const highest = Math.max(...open);
  const outcomes = due
    .filter((state) => state.isOpen)
    .map((state) => ({ state, outcome: outcomeOf(input, state.level === highest) }));
  const telling = outcomes.find(({ outcome }) => outcome === 'notified' || outcome === 'muted');
  const severity = input.rule.thresholds.find(({ percent }) => percent === telling?.state.level)?.severity;
  const { spentMinor, now } = input;
  return {
    spentMinor,
    decisions: outcomes.map(({ state, outcome }) => ({
      level: state.level,
      outcome,
      spentMinor,
      expenseId: null,
      until: null,
      notifies: telling?.state === state ? 'alert' : null,
    })),
    states: due.map((state) => ({
      ...state,
      notifiedAt: telling?.state === state && telling.outcome === 'notified' ? now : state.notifiedAt,
      renotifyAt: null,
    })),
    alert:
      telling && severity
        ? { level: telling.state.level, severity, spentMinor, isMuted: telling.outcome === 'muted' }
        : null,
    recovery: null,
  };
}

const isDue = (state: LevelState, now: Temporal.Instant): boolean =>
  state.renotifyAt !== null && Temporal.Instant.compare(state.renotifyAt, now) <= 0;

function outcomeOf(input: CooldownInput, isHighest: boolean): Decision['outcome'] {
  if (input.phase === 'closed') return 'past_period';
  if (!isHighest) return 'superseded';
  return input.rule.notificationsEnabled ? 'notified' : 'muted';
}
