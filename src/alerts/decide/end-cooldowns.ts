/** Decides about levels that opened again within a cooldown, once it has ended. */
import type { Threshold } from '../../values/severity.ts';
import { findGuards } from './guards.ts';
import type {
  ChangedState,
  Decision,
  DecisionOutcome,
  Evaluation,
  EvaluationInput,
  LevelState,
} from './evaluation.ts';
import { cooldownEnd, heardAmong, mostSevere, silencedOf, withheldBy } from './speaker.ts';

export type CooldownInput = Omit<EvaluationInput, 'steps' | 'cause'>;

/**
 * Of the levels that waited and are still open, the most severe, then the highest, makes a notification. A higher level that
 * is open and was heard supersedes them. A level whose own cooldown still runs waits on. A level that the rule no longer
 * has is closed.
 */
export function endCooldowns(input: CooldownInput): Evaluation {
  const { spentMinor } = input;
  const due = input.states.filter((state) => isDue(state, input.now));
  const waited = due.filter(({ isOpen }) => isOpen);
  const speaker = findSpeaker(input, waited);
  const ended = waited.flatMap((state) => endOf(input, state, speaker) ?? []);
  const closed = new Set(
    ended.flatMap(({ level, outcome }) => (outcome === 'rule_changed' && level !== null ? [level] : [])),
  );
  const open = new Set(
    input.states.filter(({ isOpen, level }) => isOpen && !closed.has(level)).map(({ level }) => level),
  );
  return {
    spentMinor,
    guards: findGuards(input, open, spentMinor),
    states: due.map((state) => nextState(input, state, closed, ended)),
    decisions: ended,
    alert: speaker
      ? {
          level: speaker.percent,
          severity: speaker.severity,
          spentMinor,
          silenced: withheldBy(input, speaker, spentMinor) === 'on_pace' ? 'on_pace' : silencedOf(input),
        }
      : null,
    recovery: null,
  };
}

const isDue = (state: LevelState, now: Temporal.Instant): boolean =>
  state.renotifyAt !== null && Temporal.Instant.compare(state.renotifyAt, now) <= 0;

function findSpeaker(input: CooldownInput, waited: readonly LevelState[]): Threshold | undefined {
  if (input.phase === 'closed') return undefined;
  const heard = heardAmong(input.states);
  const cooled = waited.filter((state) => state.level > heard && !cooldownEnd(input, state));
  return mostSevere(
    input.rule.thresholds,
    cooled.map(({ level }) => level),
  );
}

/** The decision on a level that waited; null if it waits on. */
function endOf(input: CooldownInput, state: LevelState, speaker: Threshold | undefined): Decision | null {
  const outcome = outcomeOf(input, state, speaker);
  return (
    outcome && {
      level: state.level,
      outcome,
      spentMinor: input.spentMinor,
      expenseId: null,
      until: null,
      notifies: state.level === speaker?.percent ? 'alert' : null,
    }
  );
}

function outcomeOf(
  input: CooldownInput,
  { level }: LevelState,
  speaker: Threshold | undefined,
): DecisionOutcome | null {
  if (input.phase === 'closed') return 'past_period';
  if (!input.rule.thresholds.some(({ percent }) => percent === level)) return 'rule_changed';
  if (speaker && level === speaker.percent) return withheldBy(input, speaker, input.spentMinor) ?? 'notified';
  return speaker || heardAmong(input.states) > level ? 'superseded' : null;
}

const nextState = (
  input: CooldownInput,
  state: LevelState,
  closed: ReadonlySet<number>,
  ended: readonly Decision[],
): ChangedState => ({
  level: state.level,
  isOpen: state.isOpen && !closed.has(state.level),
  renotifyAt: ended.some(({ level }) => level === state.level) ? null : cooldownEnd(input, state),
});
