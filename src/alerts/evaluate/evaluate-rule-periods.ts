/**
 * Evaluates rule periods against their spending, and writes the sums, level states, decisions and notifications.
 * Every alert comes from here, whether events, an edited rule, a new period or a repair caused it.
 */
import type { Decision, Evaluation } from '../decide/evaluation.ts';
import { evaluatePeriod } from '../decide/levels.ts';
import { inPeriod } from '../decide/rollover.ts';
import type { Step } from '../decide/spending.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { mayBeWithheld } from '../decide/speaker.ts';
import { readForecasts } from '../spending/read-forecasts.ts';
import type { Forecast } from '../../values/forecast.ts';
import { type PeriodPhase, startOfDay } from '../../values/period.ts';
import { type CarryOver, withCarryOver } from './carry-over.ts';
import type { PeriodWork } from './measure-work.ts';
import { findUnrecorded, type UnratedExpense, unratedKey } from '../spending/find-unrecorded.ts';
import { isSnoozed } from '../../accounts/people.ts';
import { type PeriodState, readPeriodStates } from './read-period-states.ts';
import { type Evaluated, type EvaluatedPeriod, writeEvaluations } from './write-evaluations.ts';

/** Rule periods evaluated at a time. Each may load its expenses of other currencies into memory. */
const periodsAtATime = 500;

/**
 * Works in portions, so that many periods do not keep the process from other work. The caller holds the lock on the
 * exchange rates and has locked the people of the rules. Steps start from the sums
 * before the change, so a caller with steps writes expenses and daily totals afterwards. A caller that measures writes
 * them first.
 */
export async function evaluateRulePeriods(
  sql: Sql,
  works: readonly PeriodWork[],
  now: Temporal.Instant,
): Promise<Evaluated> {
  const all: Evaluated = { notifications: [], outcomes: [] };
  const concerned = await withCarryOver(sql, works, now);
  for (let first = 0; first < concerned.works.length; first += periodsAtATime) {
    const portion = concerned.works.slice(first, first + periodsAtATime);
    const evaluated = await evaluatePortion(sql, portion, concerned.carryOver, now);
    all.notifications.push(...evaluated.notifications);
    all.outcomes.push(...evaluated.outcomes);
  }
  return all;
}

async function evaluatePortion(
  sql: Sql,
  works: readonly PeriodWork[],
  carryOver: CarryOver,
  now: Temporal.Instant,
): Promise<Evaluated> {
  const states = await readPeriodStates(sql, works, (index) => mustMeasure(works[index]));
  const unrated = works.flatMap((work, index) => unratedOf(work, states[index]));
  const unrecorded = unrated.length > 0 ? await findUnrecorded(sql, unrated) : new Set<string>();
  const evaluated = works.flatMap((work, index) => {
    const found = evaluate(work, states[index], { unrecorded, carryOver, now, forecast: null });
    return found ? [{ work, state: states[index], found }] : [];
  });
  const paced = evaluated.filter(({ found }) => goesByPace(found));
  const forecasts = await readForecasts(
    sql,
    paced.map(({ work }) => work),
  );
  for (const [index, item] of paced.entries()) {
    const forecast = forecasts[index] ?? null;
    if (forecast)
      item.found = evaluate(item.work, item.state, { unrecorded, carryOver, now, forecast }) ?? item.found;
  }
  return writeEvaluations(
    sql,
    evaluated.map(({ found }) => found),
    now,
  );
}

/** Its alert may stay in the app, if the forecast says that the budget will probably hold. */
const goesByPace = ({ phase, rule, evaluation: { alert } }: EvaluatedPeriod): boolean =>
  phase === 'current' &&
  alert !== null &&
  alert.silenced === null &&
  mayBeWithheld(rule, { percent: alert.level, severity: alert.severity });

/** A sum at former exchange rates decides nothing. It is measured before the steps, which are at the present ones. */
const mustMeasure = (work: PeriodWork | undefined): boolean =>
  work !== undefined && (work.steps === 'measure' || work.person.hasStalePrices);

const unratedOf = ({ rule }: PeriodWork, state: PeriodState | undefined): UnratedExpense[] =>
  (state?.measured.unrated ?? []).map((expenseId) => ({ rule, expenseId }));

type Known = {
  unrecorded: ReadonlySet<string>;
  carryOver: CarryOver;
  now: Temporal.Instant;
  forecast: Forecast | null;
};

function evaluate(
  work: PeriodWork,
  state: PeriodState | undefined,
  { unrecorded, carryOver, now, forecast }: Known,
): EvaluatedPeriod | null {
  if (!state) throw new Error('a period was read without its state');
  const { spentMinor, steps } = walkOf(work, state);
  const { period, cause, person, unrated } = work;
  const leftBeforeMinor = carryOver.leftBefore(work, state, now);
  const rule = inPeriod(work.rule, leftBeforeMinor);
  const phase = phaseAt(work, state, now);
  // A future period is measured when it begins.
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
          forecast,
          spentMinor,
          steps,
          now,
        });
  carryOver.note(rule, period, evaluation.spentMinor);
  // Expenses that the events themselves leave out are recorded once per event, so they are not looked up here.
  const found = state.measured.unrated.filter(
    (id) => unrecorded.has(unratedKey(rule.id, id)) && !unrated.includes(id),
  );
  return {
    rule,
    leftBeforeMinor,
    carriedMinor: rule.budgetMinor - work.rule.budgetMinor,
    period,
    phase,
    person,
    evaluation: withUnrated(evaluation, [...found, ...unrated]),
    ...(work.expenses && { expenses: work.expenses }),
  };
}

/** The clocks of processes may differ by so much. */
const clockTolerance = { minutes: 5 };

/**
 * A period that another process has opened is current, also if it begins in a moment by this process's clock. Otherwise
 * its levels would open for nobody until the next expense.
 */
function phaseAt(
  { period, phase, person }: PeriodWork,
  state: PeriodState,
  now: Temporal.Instant,
): PeriodPhase {
  if (phase !== 'future' || state.spentMinor === null) return phase;
  const beginning = startOfDay(period.start, person.timeZone);
  return Temporal.Instant.compare(beginning, now.add(clockTolerance)) <= 0 ? 'current' : phase;
}

/** Adds a decision `no_rate` for each expense that has no exchange rate and is left out of the sum. */
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

/**
 * Computes the start and the steps of the walk, at least one, as the budget may have changed. The first measurement of the
 * current period counts as spending.
 */
function walkOf(work: PeriodWork, state: PeriodState): { spentMinor: bigint; steps: readonly Step[] } {
  const measured = state.measured.spentMinor;
  const isFirst = state.spentMinor === null;
  const spentMinor = state.spentMinor ?? (work.phase === 'current' ? 0n : measured);
  if (work.steps === 'measure') return { spentMinor, steps: [step(measured - spentMinor)] };
  if (isFirst && work.phase === 'current') return { spentMinor, steps: [step(measured), ...work.steps] };
  if (!isFirst && work.person.hasStalePrices)
    return { spentMinor, steps: [step(measured - spentMinor), ...work.steps] };
  return { spentMinor, steps: work.steps.length > 0 ? work.steps : [step(0n)] };
}

const step = (deltaMinor: bigint): Step => ({ deltaMinor, expenseId: null });

const summed = (spentMinor: bigint, steps: readonly Step[]): Evaluation => ({
  spentMinor: steps.reduce((sum, { deltaMinor }) => sum + deltaMinor, spentMinor),
  states: [],
  decisions: [],
  alert: null,
  recovery: null,
  guards: null,
});
