/**
 * Decides which levels of a rule open and resolve in a period, and which of them notify the person. Pure. The caller
 * passes level states that it has locked, and writes the result in the transaction that writes the spending.
 */
import type { PeriodPhase } from '../../values/period.ts';
import { findGuards, type Guards } from './guards.ts';
import { isReached } from './rule.ts';
import type { Severity, Threshold } from '../../values/severity.ts';

/** Every outcome of a decision. The meaning of each is in docs/glossary.md. */
export const decisionOutcomes = [
  'notified',
  'superseded',
  'deduplicated',
  'past_period',
  'no_rate',
  'muted',
  'snoozed',
  'rule_changed',
  'resolved',
] as const;
export type DecisionOutcome = (typeof decisionOutcomes)[number];

/** The state of one level in one period. `notifiedAt`: the time of the last notification that it opened. */
export type LevelState = {
  level: number;
  isOpen: boolean;
  notifiedAt: Temporal.Instant | null;
  /** The end of the cooldown in which the level opened again. It notifies then, if it is still open. */
  renotifyAt: Temporal.Instant | null;
};

export type Decision = {
  /** Percent of the threshold. Null if the decision is about an expense and not a level (`no_rate`). */
  level: number | null;
  outcome: DecisionOutcome;
  spentMinor: bigint;
  expenseId: string | null;
  until: Temporal.Instant | null;
  /** The notification of this evaluation that the decision made. */
  notifies: 'alert' | 'recovery' | null;
};

/** A notification to make. `silenced`: the reason why it stays in the app alone. */
export type Opening = {
  level: number;
  severity: Severity;
  spentMinor: bigint;
  silenced: 'muted' | 'snoozed' | null;
};

export type Evaluation = {
  spentMinor: bigint;
  /** The states that changed, each with all its fields. */
  states: LevelState[];
  decisions: Decision[];
  alert: Opening | null;
  recovery: Opening | null;
  /** Null if the next change of spending must be evaluated in any case. */
  guards: Guards | null;
};

/**
 * `spending`: expenses changed. `edit`: the rule was edited, so a level that was notified in this period is not
 * notified again.
 */
export type Cause = 'spending' | 'edit';

export type EvaluationInput = {
  rule: {
    budgetMinor: bigint;
    thresholds: readonly Threshold[];
    cooldownMinutes: number;
    notificationsEnabled: boolean;
    notifyOnRecovery: boolean;
  };
  cause: Cause;
  phase: PeriodPhase;
  /** The person has snoozed this rule, or all notifications. */
  isSnoozed: boolean;
  states: readonly LevelState[];
  /** Spending before the steps. Zero if the current period is measured for the first time. */
  spentMinor: bigint;
  /** In the order of the events. An edited rule has one step, of zero if its spending is unchanged. */
  steps: readonly { deltaMinor: bigint; expenseId: string | null }[];
  now: Temporal.Instant;
};

type Crossing = { level: number; opens: boolean; spentMinor: bigint; expenseId: string | null };

export function evaluatePeriod(input: EvaluationInput): Evaluation {
  const { crossings, spentMinor, open } = walk(input);
  const finalOpenings = findFinalOpenings(crossings);
  const verdict = judge(input, finalOpenings, open);
  const decisions = crossings.map((crossing) => record(crossing, finalOpenings, verdict, input.phase));
  const recovery = findRecovery(input, crossings, open, spentMinor);
  markRecovery(decisions, recovery);
  const states = nextStates(input, crossings, verdict);
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

type Verdict = { level: number; outcome: DecisionOutcome; until: Temporal.Instant | null } | null;

/** Decides about the highest level that is newly open at the end. It supersedes the others. */
function judge(input: EvaluationInput, finalOpenings: Set<Crossing>, open: ReadonlySet<number>): Verdict {
  if (input.phase === 'closed' || finalOpenings.size === 0) return null;
  const level = Math.max(...[...finalOpenings].map((crossing) => crossing.level));
  if (Math.max(...open) > level) return null;
  return { level, ...judgeOpening(input, level) };
}

function judgeOpening(
  input: EvaluationInput,
  level: number,
): { outcome: DecisionOutcome; until: Temporal.Instant | null } {
  const notifiedAt = input.states.find((state) => state.level === level)?.notifiedAt ?? null;
  if (notifiedAt && input.cause === 'edit') return { outcome: 'deduplicated', until: null };
  const cooledAt = notifiedAt?.add({ minutes: input.rule.cooldownMinutes });
  if (cooledAt && Temporal.Instant.compare(input.now, cooledAt) < 0)
    return { outcome: 'deduplicated', until: cooledAt };
  return { outcome: silenceOf(input) ?? 'notified', until: null };
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
  if (!finalOpenings.has(crossing) || verdict?.level !== level) return { ...row, outcome: 'superseded' };
  const { outcome, until } = verdict;
  return { ...row, outcome, until, notifies: outcome === 'deduplicated' ? null : 'alert' };
}

/** Returns the reason why a notification stays in the app alone, or null if it may interrupt. */
export const silenceOf = ({
  rule,
  isSnoozed,
}: Pick<EvaluationInput, 'rule' | 'isSnoozed'>): Opening['silenced'] => {
  if (!rule.notificationsEnabled) return 'muted';
  return isSnoozed ? 'snoozed' : null;
};

/** Returns the recovery for the lowest level that was notified and open before, and is not open any more. */
function findRecovery(
  input: EvaluationInput,
  crossings: readonly Crossing[],
  open: ReadonlySet<number>,
  spentMinor: bigint,
): Opening | null {
  if (input.phase === 'closed' || !input.rule.notifyOnRecovery) return null;
  const fallen = input.states.filter((state) => state.isOpen && state.notifiedAt && !open.has(state.level));
  const levels = fallen.map((state) => state.level).filter((level) => isThreshold(input, level));
  if (levels.length === 0 || crossings.length === 0) return null;
  return {
    level: Math.min(...levels),
    severity: 'info',
    spentMinor,
    silenced: silenceOf(input),
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

function nextStates(input: EvaluationInput, crossings: readonly Crossing[], verdict: Verdict): LevelState[] {
  const last = new Map(crossings.map((crossing) => [crossing.level, crossing]));
  return [...last.values()].map(({ level, opens }) => {
    const isJudged = opens && verdict?.level === level;
    const before = input.states.find((state) => state.level === level);
    return {
      level,
      isOpen: opens,
      notifiedAt: isJudged && verdict.outcome === 'notified' ? input.now : (before?.notifiedAt ?? null),
      renotifyAt: isJudged ? verdict.until : null,
    };
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
    silenced: silenceOf(input),
  };
}
