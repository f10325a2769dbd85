/**
 * Decides which levels of a rule open and resolve in a period, and which of them notify the person. Pure. The caller
 * passes level states that it has locked, and writes the result in the transaction that writes the spending.
 */
import type { PeriodPhase } from '../../values/period.ts';
import type { ChangedState, Decision, Evaluation, EvaluationInput, Opening } from './evaluation.ts';
import { findGuards } from './guards.ts';
import { isReached } from './rule.ts';
import { judge, silencedOf, type Verdict } from './speaker.ts';

type Crossing = { level: number; opens: boolean; spentMinor: bigint; expenseId: string | null };

export function evaluatePeriod(input: EvaluationInput): Evaluation {
  const { crossings, spentMinor, open } = walk(input);
  const finalOpenings = findFinalOpenings(crossings);
  const verdict = judge(
    input,
    [...finalOpenings].map(({ level }) => level),
    open,
    spentMinor,
  );
  const decisions = crossings.map((crossing) => record(crossing, finalOpenings, verdict, input.phase));
  if (verdict && !isAmong(finalOpenings, verdict.level)) decisions.push(speakUp(verdict, spentMinor));
  const recovery = findRecovery(input, open, spentMinor);
  markRecovery(decisions, recovery);
  const states = nextStates(crossings, verdict);
  const guards = findGuards(input, open, spentMinor);
  return { spentMinor, states, decisions, alert: toAlert(input, verdict, spentMinor), recovery, guards };
}

/** Records each level that the spending crosses, step by step: upwards from the lowest, downwards from the highest. */
function walk(input: EvaluationInput): { crossings: Crossing[]; spentMinor: bigint; open: Set<number> } {
  const levels = input.rule.thresholds.map((threshold) => threshold.percent).sort((a, b) => a - b);
  const open = new Set(input.states.filter((state) => state.isOpen).map((state) => state.level));
  const silent = silentLevels(input, levels, open);
  const crossings: Crossing[] = [];
  let spentMinor = input.spentMinor;
  for (const level of removedLevels(open, levels)) {
    open.delete(level);
    crossings.push({ level, opens: false, spentMinor, expenseId: null });
  }
  for (const step of input.steps) {
    spentMinor += step.deltaMinor;
    const { expenseId } = step;
    for (const level of levels) {
      if (open.has(level) || silent.has(level) || !isReached(level, spentMinor, input.rule.budgetMinor))
        continue;
      open.add(level);
      crossings.push({ level, opens: true, spentMinor, expenseId });
    }
    for (const level of levels.toReversed()) {
      if (isReached(level, spentMinor, input.rule.budgetMinor)) continue;
      silent.delete(level);
      if (!open.delete(level)) continue;
      crossings.push({ level, opens: false, spentMinor, expenseId });
    }
  }
  return { crossings, spentMinor, open };
}

/**
 * Finds levels of a past period that spending had reached before the rule watched it. They have never opened, and
 * open only if spending falls below them and rises again.
 */
const silentLevels = (
  input: EvaluationInput,
  levels: readonly number[],
  open: ReadonlySet<number>,
): Set<number> =>
  new Set(
    input.phase === 'current'
      ? []
      : levels.filter(
          (level) => !open.has(level) && isReached(level, input.spentMinor, input.rule.budgetMinor),
        ),
  );

const removedLevels = (open: ReadonlySet<number>, levels: readonly number[]): number[] =>
  [...open].filter((level) => !levels.includes(level)).sort((a, b) => b - a);

/** Returns the last crossing of each level that is open at the end, not just in between. */
function findFinalOpenings(crossings: readonly Crossing[]): Set<Crossing> {
  const last = new Map(crossings.map((crossing) => [crossing.level, crossing]));
  return new Set([...last.values()].filter((crossing) => crossing.opens));
}

function record(
  crossing: Crossing,
  finalOpenings: ReadonlySet<Crossing>,
  verdict: Verdict,
  phase: PeriodPhase,
): Decision {
  const { level, spentMinor, expenseId } = crossing;
  const row = { level, spentMinor, expenseId, until: null, notifies: null };
  if (!crossing.opens) return { ...row, outcome: 'resolved' };
  if (phase === 'closed') return { ...row, outcome: 'past_period' };
  if (!finalOpenings.has(crossing) || !verdict) return { ...row, outcome: 'superseded' };
  const { outcome, until } = verdict;
  if (verdict.waiting.has(level)) return { ...row, outcome, until };
  if (verdict.level !== level) return { ...row, outcome: 'superseded' };
  return { ...row, outcome, until, notifies: outcome === 'deduplicated' ? null : 'alert' };
}

/** The decision on a level that was open before. */
const speakUp = ({ level, outcome, until }: NonNullable<Verdict>, spentMinor: bigint): Decision => ({
  level,
  outcome,
  spentMinor,
  expenseId: null,
  until,
  notifies: outcome === 'deduplicated' ? null : 'alert',
});

const isAmong = (crossings: ReadonlySet<Crossing>, level: number): boolean =>
  [...crossings].some((crossing) => crossing.level === level);

/** Returns the recovery for the lowest level whose opening was heard, and that is not open any more. */
function findRecovery(input: EvaluationInput, open: ReadonlySet<number>, spentMinor: bigint): Opening | null {
  if (input.phase === 'closed' || !input.rule.notifyOnRecovery || input.cause === 'edit') return null;
  const fallen = input.states.filter((state) => state.isOpen && state.isHeard && !open.has(state.level));
  const levels = fallen.map((state) => state.level).filter((level) => isThreshold(input, level));
  if (levels.length === 0) return null;
  return {
    level: Math.min(...levels),
    severity: 'info',
    spentMinor,
    silenced: silencedOf(input),
  };
}

const isThreshold = (input: EvaluationInput, level: number): boolean =>
  input.rule.thresholds.some((threshold) => threshold.percent === level);

function markRecovery(decisions: Decision[], recovery: Opening | null): void {
  const row = decisions.findLast(
    (decision) => decision.outcome === 'resolved' && decision.level === recovery?.level,
  );
  if (row) row.notifies = 'recovery';
}

function nextStates(crossings: readonly Crossing[], verdict: Verdict): ChangedState[] {
  const last = new Map(crossings.map(({ level, opens }) => [level, opens]));
  if (verdict && !last.has(verdict.level)) last.set(verdict.level, true);
  for (const level of verdict?.waiting ?? []) if (!last.has(level)) last.set(level, true);
  return [...last].map(([level, isOpen]) => {
    const waits = isOpen && (verdict?.level === level || verdict?.waiting.has(level) === true);
    return { level, isOpen, renotifyAt: waits ? (verdict?.until ?? null) : null };
  });
}

function toAlert(input: EvaluationInput, verdict: Verdict, spentMinor: bigint): Opening | null {
  if (!verdict || verdict.outcome === 'deduplicated') return null;
  const threshold = input.rule.thresholds.find(({ percent }) => percent === verdict.level);
  if (!threshold) return null;
  return {
    level: verdict.level,
    severity: threshold.severity,
    spentMinor,
    silenced: verdict.outcome === 'on_pace' ? 'on_pace' : silencedOf(input),
  };
}
