/**
 * Follows the levels of one rule through past periods, as the live evaluation keeps them in its tables. Pure but for the
 * periods that the caller hands in.
 */
import type { Forecast } from '../../values/forecast.ts';
import { type Period, periodContaining, phaseOf } from '../../values/period.ts';
import { endCooldowns } from './end-cooldowns.ts';
import type { Evaluation, LevelState } from './evaluation.ts';
import { evaluatePeriod } from './levels.ts';
import { inPeriod } from './rollover.ts';
import type { Rule } from './rule.ts';
import { mayBeWithheld } from './speaker.ts';

/** `alertId`: of the alert that the last opening made; null if it made none. */
type ReplayedState = LevelState & { alertId: number | null };

/** `rule`: with the budget of the period. `spentMinor` and `states` move on. */
export type ReplayedPeriod = {
  readonly rule: Rule;
  readonly period: Period;
  spentMinor: bigint;
  states: readonly ReplayedState[];
};

/** The period that holds the day, or the rule's next one. Null if there is none any more. */
export function firstPeriod(rule: Rule, day: string): ReplayedPeriod | null {
  const { period: kind } = rule;
  const from = typeof kind === 'object' && day < kind.start ? kind.start : day;
  const period = periodContaining(kind, from);
  return period && { rule, period, spentMinor: 0n, states: [] };
}

/** The period after this one, with what it carries over. Null after a single one. */
export function periodAfter(rule: Rule, before: ReplayedPeriod): ReplayedPeriod | null {
  const period = periodContaining(rule.period, before.period.end);
  const leftMinor = before.rule.budgetMinor - before.spentMinor;
  return period && { rule: inPeriod(rule, leftMinor), period, spentMinor: 0n, states: [] };
}

type Moment = { now: Temporal.Instant; timeZone: string };

/** It takes some time, so it yields. */
type AskForecast = () => Generator<void, Forecast | null>;

/** `deltasMinor`: the expenses of one instant, in their order. */
export function* spend(
  at: ReplayedPeriod,
  deltasMinor: readonly bigint[],
  moment: Moment,
  ask: AskForecast,
): Generator<void, Evaluation> {
  const steps = deltasMinor.map((deltaMinor) => ({ deltaMinor, expenseId: null }));
  const input = { ...inputOf(at, moment), cause: 'spending' as const, steps };
  return yield* byPace(at, (forecast) => evaluatePeriod({ ...input, forecast }), ask);
}

export const endReplayedCooldowns = (
  at: ReplayedPeriod,
  moment: Moment,
  ask: AskForecast,
): Generator<void, Evaluation> =>
  byPace(at, (forecast) => endCooldowns({ ...inputOf(at, moment), forecast }), ask);

/** A forecast takes long to make, so it is asked for only where it may withhold an alert. */
function* byPace(
  { rule }: ReplayedPeriod,
  evaluate: (forecast: Forecast | null) => Evaluation,
  ask: AskForecast,
): Generator<void, Evaluation> {
  const evaluation = evaluate(null);
  const { alert } = evaluation;
  if (alert?.silenced !== null || !mayBeWithheld(rule, { percent: alert.level, severity: alert.severity }))
    return evaluation;
  const forecast = yield* ask();
  return forecast ? evaluate(forecast) : evaluation;
}

/** A snooze is of the present, so none holds in the past. */
function inputOf({ rule, period, spentMinor, states }: ReplayedPeriod, { now, timeZone }: Moment) {
  const phase = phaseOf(rule.period, period, timeZone, now);
  return { rule, phase, isSnoozed: false, states, spentMinor, now };
}

/** Keeps the result of an evaluation. `alertId`: of the alert that it made, if it made one. */
export function keep(at: ReplayedPeriod, { states, alert, spentMinor }: Evaluation, alertId: number): void {
  at.spentMinor = spentMinor;
  const changed = new Map(
    states.map(({ level, isOpen, renotifyAt }): [number, ReplayedState] => {
      const before = at.states.find((state) => state.level === level);
      const own = alert?.level === level ? alertId : null;
      const kept = isOpen ? own : (before?.alertId ?? null);
      return [
        level,
        {
          level,
          isOpen,
          renotifyAt,
          notifiedAt: before?.notifiedAt ?? null,
          // An alert is planned and sent at once, so that none is on its way.
          alertedAt: null,
          alertId: kept,
          hasAlert: isOpen && kept !== null,
          isHeard: false,
        },
      ];
    }),
  );
  at.states = [...at.states.filter(({ level }) => !changed.has(level)), ...changed.values()];
}

/** The person hears of an alert of a level. */
export function hear(at: ReplayedPeriod, level: number, alertId: number, now: Temporal.Instant): void {
  at.states = at.states.map((state) =>
    state.level === level
      ? { ...state, notifiedAt: now, isHeard: state.isHeard || (state.isOpen && state.alertId === alertId) }
      : state,
  );
}

/** The earliest end of a cooldown that a level of the period waits for. */
export const nextCooldown = ({ states }: ReplayedPeriod): Temporal.Instant | null =>
  states.flatMap(({ renotifyAt }) => renotifyAt ?? []).toSorted(Temporal.Instant.compare)[0] ?? null;
