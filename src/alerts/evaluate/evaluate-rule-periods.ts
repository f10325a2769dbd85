/**
 * Brings rule periods to where their spending now is, and writes all that follows: the sums, the levels
 * that opened or resolved, the decisions, the notifications. The one way alerts come about, whether by
 * events, by an edited rule, by a period that begins or by a repair.
 */
import { type Cause, type Decision, evaluatePeriod, type Evaluation } from '../decide/levels.ts';
import type { RulePeriod, Step } from '../decide/spending.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { findUnrecorded, type UnratedExpense, unratedKey } from './find-unrecorded.ts';
import { isSnoozed, type Person } from '../../accounts/people.ts';
import { type PeriodState, readPeriodStates } from './read-period-states.ts';
import { type Evaluated, type EvaluatedPeriod, writeEvaluations } from './write-evaluations.ts';

/** `steps` 'measure': to what the expenses come to, whatever the increments say. */
export type PeriodWork = Omit<RulePeriod, 'steps'> & {
  steps: readonly Step[] | 'measure';
  cause: Cause;
  person: Person;
};

/**
 * The caller holds the rates and has locked the people of the rules. Steps are taken from sums as they were
 * before the expenses and daily totals moved, so a caller that moves these does so afterwards; one that
 * measures, before.
 */
export async function evaluateRulePeriods(
  sql: Sql,
  works: readonly PeriodWork[],
  now: Temporal.Instant,
): Promise<Evaluated> {
  if (works.length === 0) return { notifications: [], outcomes: [] };
  const states = await readPeriodStates(sql, works, (index) => works[index]?.steps === 'measure');
  const unrated = works.flatMap((work, index) => unratedOf(work, states[index]));
  const unrecorded = unrated.length > 0 ? await findUnrecorded(sql, unrated) : new Set<string>();
  const evaluated = works.flatMap((work, index) => evaluate(work, states[index], unrecorded, now) ?? []);
  return writeEvaluations(sql, evaluated, now);
}

const unratedOf = ({ rule }: PeriodWork, state: PeriodState | undefined): UnratedExpense[] =>
  (state?.measured.unrated ?? []).map((expenseId) => ({ rule, expenseId }));

function evaluate(
  work: PeriodWork,
  state: PeriodState | undefined,
  unrecorded: ReadonlySet<string>,
  now: Temporal.Instant,
): EvaluatedPeriod | null {
  if (!state) throw new Error('a period was read without its state');
  const { spentMinor, steps } = walkOf(work, state);
  const { rule, period, phase, cause, person, unrated } = work;
  // A period yet to come is measured when it begins.
  if (phase === 'future' && state.spentMinor === null && unrated.length === 0) return null;
  const evaluation =
    phase === 'future'
      ? summed(spentMinor, steps)
      : evaluatePeriod({
          rule,
          cause,
          phase,
          isSnoozed: isSnoozed(rule, person, now),
          states: state.states,
          spentMinor,
          steps,
          now,
        });
  // What the events themselves leave out is recorded for each of them.
  const found = state.measured.unrated.filter(
    (id) => unrecorded.has(unratedKey(rule.id, id)) && !unrated.includes(id),
  );
  return { rule, period, phase, person, evaluation: withUnrated(evaluation, [...found, ...unrated]) };
}

/** Each expense left out of the sum for want of a rate is on record. */
const withUnrated = (evaluation: Evaluation, unrated: readonly string[]): Evaluation => ({
  ...evaluation,
  decisions: [...evaluation.decisions, ...unrated.map((id) => noRate(id, evaluation.spentMinor))],
});

const noRate = (expenseId: string, spentMinor: bigint): Decision => ({
  level: null,
  outcome: 'no_rate',
  spentMinor,
  expenseId,
  until: null,
  notifies: null,
});

/** Where the walk starts and the steps it takes. The current period's first measure counts as spending. */
function walkOf(work: PeriodWork, state: PeriodState): { spentMinor: bigint; steps: readonly Step[] } {
  const measured = state.measured.spentMinor;
  const isFirst = state.spentMinor === null;
  const spentMinor = state.spentMinor ?? (work.phase === 'current' ? 0n : measured);
  if (work.steps === 'measure') return { spentMinor, steps: [step(measured - spentMinor)] };
  if (isFirst && work.phase === 'current') return { spentMinor, steps: [step(measured), ...work.steps] };
  return { spentMinor, steps: work.steps };
}

const step = (deltaMinor: bigint): Step => ({ deltaMinor, expenseId: null });

const summed = (spentMinor: bigint, steps: readonly Step[]): Evaluation => ({
  spentMinor: steps.reduce((sum, { deltaMinor }) => sum + deltaMinor, spentMinor),
  states: [],
  decisions: [],
  alert: null,
  recovery: null,
});
