/**
 * Brings rule periods to where their spending now is, and writes all that follows: the sums, the levels
 * that opened or resolved, the decisions, the notifications. The one way alerts come about, whether by
 * events, by an edited rule, by a period that begins or by a repair.
 */
import { type Cause, type Decision, evaluatePeriod, type Evaluation } from '../../domain/alert.ts';
import type { RulePeriod, Step } from '../../domain/spending.ts';
import type { Sql } from '../database.ts';
import { type PeriodStanding, readPeriods } from './read-periods.ts';
import { type Evaluated, type Settled, writeEvaluations } from './write-evaluations.ts';

/** `steps` 'measure': to the sum of the daily totals, whatever the increments say. */
export type PeriodWork = Omit<RulePeriod, 'steps'> & {
  steps: readonly Step[] | 'measure';
  cause: Cause;
  timeZone: string;
};

/**
 * The people of the rules are locked by the caller. Steps are taken from sums as they were before the
 * daily totals moved, so a caller that moves these does so afterwards; one that measures, before.
 */
export async function settlePeriods(
  sql: Sql,
  works: readonly PeriodWork[],
  now: Temporal.Instant,
): Promise<Evaluated> {
  if (works.length === 0) return { notifications: [], outcomes: [] };
  const standings = await readPeriods(sql, works, (index) => works[index]?.steps === 'measure');
  const settled = works.flatMap((work, index) => settle(work, standings[index], now) ?? []);
  return writeEvaluations(sql, settled, now);
}

function settle(
  work: PeriodWork,
  standing: PeriodStanding | undefined,
  now: Temporal.Instant,
): Settled | null {
  if (!standing) throw new Error('a period was read without its standing');
  const { spentMinor, steps } = walkOf(work, standing);
  const { rule, period, phase, cause, timeZone, unrated } = work;
  // A period yet to come is measured when it begins.
  if (phase === 'future' && standing.spentMinor === null && unrated.length === 0) return null;
  const { states } = standing;
  const evaluation =
    phase === 'future'
      ? summed(spentMinor, steps)
      : evaluatePeriod({ rule, cause, phase, states, spentMinor, steps, now });
  return { rule, period, phase, timeZone, evaluation: withUnrated(evaluation, unrated) };
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
function walkOf(work: PeriodWork, standing: PeriodStanding): { spentMinor: bigint; steps: readonly Step[] } {
  const measured = standing.measuredMinor ?? 0n;
  const isFirst = standing.spentMinor === null;
  const spentMinor = standing.spentMinor ?? (work.phase === 'current' ? 0n : measured);
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
