/**
 * Decides which forecast levels of a rule open and resolve in its running period, and which of them notifies the person.
 * They are a ladder of their own beside the levels of actual spending. Pure.
 */
import { type Forecast, likely, probabilityOfReaching, unlikely } from '../../values/forecast.ts';
import type { Period } from '../../values/period.ts';
import type { Severity, Threshold } from '../../values/severity.ts';
import type { DecisionOutcome } from './evaluation.ts';
import { reachedAt } from './rule.ts';
import { mostSevere, silencedOf, silenceOf } from './speaker.ts';

/** `isTold`: a notification told of it in this period, or is about to. */
export type ForecastState = { level: number; period: Period; isOpen: boolean; isTold: boolean };

/** Of the rule's running period: `forecast` is null if there is none. `budgetMinor` is that of the period. */
export type ForecastInput = {
  rule: {
    budgetMinor: bigint;
    forecastThresholds: readonly Threshold[];
    notificationsEnabled: boolean;
  };
  isSnoozed: boolean;
  period: Period;
  forecast: Forecast | null;
  spentMinor: bigint;
  states: readonly ForecastState[];
};

/** `severity`: of the notification to make, which `silenced` keeps in the app alone. Null: it makes none. */
export type ForecastDecision = {
  level: number;
  period: Period;
  isOpen: boolean;
  outcome: DecisionOutcome;
  notifies: { severity: Severity; silenced: 'muted' | null } | null;
};

/**
 * A level opens when the period will probably end at it or above, and resolves when that has become unlikely, when actual
 * spending has reached it, and when its period has ended. It notifies once in a period.
 */
export function judgeForecasts(input: ForecastInput): ForecastDecision[] {
  const { rule, states } = input;
  const isCurrent = ({ period }: ForecastState): boolean => isSame(period, input.period);
  const closing = states
    .filter(({ isOpen }) => isOpen)
    .flatMap((state) => {
      const outcome = isCurrent(state) ? endOf(input, state.level) : 'resolved';
      return outcome ? [closed(state, outcome)] : [];
    });
  const own = new Map(states.filter(isCurrent).map((state) => [state.level, state]));
  const opening = rule.forecastThresholds
    .map(({ percent }) => percent)
    .filter((level) => !own.get(level)?.isOpen && isLikely(input, level));
  return [...closing, ...opened(input, opening, own)];
}

const isSame = (one: Period, other: Period): boolean => one.start === other.start && one.end === other.end;

const isLikely = (input: ForecastInput, level: number): boolean =>
  !isPassed(input, level) && probabilityOf(input, level) >= likely;

const probabilityOf = ({ forecast, rule, spentMinor }: ForecastInput, level: number): number =>
  forecast
    ? probabilityOfReaching(forecast, { spentMinor, targetMinor: reachedAt(level, rule.budgetMinor) })
    : 0;

/** Actual spending has reached the level: its own alert speaks. */
const isPassed = ({ rule, spentMinor }: ForecastInput, level: number): boolean =>
  spentMinor >= reachedAt(level, rule.budgetMinor);

/** Why an open level of the running period closes; null if it stays open. */
function endOf(input: ForecastInput, level: number): 'rule_changed' | 'resolved' | null {
  if (!input.rule.forecastThresholds.some(({ percent }) => percent === level)) return 'rule_changed';
  return isPassed(input, level) || probabilityOf(input, level) < unlikely ? 'resolved' : null;
}

const closed = (
  { level, period }: ForecastState,
  outcome: ForecastDecision['outcome'],
): ForecastDecision => ({
  level,
  period,
  isOpen: false,
  outcome,
  notifies: null,
});

function opened(
  input: ForecastInput,
  opening: readonly number[],
  own: ReadonlyMap<number, ForecastState>,
): ForecastDecision[] {
  const told = Math.max(...[...own.values()].filter(({ isOpen, isTold }) => isOpen && isTold).map(levelOf));
  const fresh = opening.filter((level) => !own.get(level)?.isTold && level > told);
  const speaker = mostSevere(input.rule.forecastThresholds, fresh);
  return opening.map((level) => {
    const row = { level, period: input.period, isOpen: true };
    if (own.get(level)?.isTold) return { ...row, outcome: 'deduplicated', notifies: null };
    if (level !== speaker?.percent) return { ...row, outcome: 'superseded', notifies: null };
    const notifies = { severity: speaker.severity, silenced: silencedOf(input) };
    return { ...row, outcome: silenceOf(input) ?? 'notified', notifies };
  });
}

const levelOf = ({ level }: ForecastState): number => level;
