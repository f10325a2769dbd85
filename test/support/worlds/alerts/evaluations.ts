/** Evaluates periods of one rule: 100.00 of budget and the default levels, at noon. */
import type {
  Cause,
  ChangedState,
  Evaluation,
  EvaluationInput,
  LevelState,
} from '../../../../src/alerts/decide/evaluation.ts';
import { evaluatePeriod } from '../../../../src/alerts/decide/levels.ts';
import { ruleDefaults } from '../../../../src/alerts/decide/rule.ts';

export const noon = Temporal.Instant.from('2026-11-10T12:00:00Z');
export const minutesAgo = (minutes: number) => noon.subtract({ minutes });

const rule = {
  budgetMinor: 10_000n,
  rollover: 'none' as const,
  thresholds: ruleDefaults.thresholds,
  forecastThresholds: ruleDefaults.forecastThresholds,
  everyLevel: false,
  cooldownMinutes: 60,
  notificationsEnabled: true,
  notifyOnRecovery: false,
};

/** An open level; with a time its opening was heard then, else it was superseded. */
export const open = (level: number, notifiedAt: Temporal.Instant | null = null): LevelState => ({
  level,
  isOpen: true,
  notifiedAt,
  alertedAt: null,
  hasAlert: notifiedAt !== null,
  isHeard: notifiedAt !== null,
  renotifyAt: null,
});
/** An open level whose alert nobody has heard. */
export const unheard = (level: number): LevelState => ({ ...open(level), hasAlert: true });
export const fallen = (level: number, notifiedAt: Temporal.Instant | null = null): LevelState => ({
  ...open(level),
  isOpen: false,
  notifiedAt,
});
export const closed = (level: number): ChangedState => ({ level, isOpen: false, renotifyAt: null });

export type World = {
  from?: bigint;
  rule?: Partial<EvaluationInput['rule']>;
  phase?: EvaluationInput['phase'];
  isSnoozed?: boolean;
  cause?: Cause;
  states?: LevelState[];
  forecast?: EvaluationInput['forecast'];
};

/** Evaluates a period; each amount is an expense of its own, `e1`, `e2`, … */
export function spend(amounts: readonly bigint[], world: World = {}): Evaluation {
  return evaluatePeriod({
    rule: { ...rule, ...world.rule },
    cause: world.cause ?? 'spending',
    phase: world.phase ?? 'current',
    isSnoozed: world.isSnoozed ?? false,
    states: world.states ?? [],
    forecast: world.forecast ?? null,
    spentMinor: world.from ?? 0n,
    steps: amounts.map((deltaMinor, index) => ({ deltaMinor, expenseId: `e${index + 1}` })),
    now: noon,
  });
}

export const edit = (world: World): Evaluation => spend([0n], { ...world, cause: 'edit' });
export const rows = ({ decisions }: Evaluation) =>
  decisions.map(({ level, outcome }) => `${level} ${outcome}`);
export const openIn = ({ states }: Evaluation) =>
  states
    .filter(({ isOpen }) => isOpen)
    .map(({ level }) => level)
    .sort((a, b) => a - b);
