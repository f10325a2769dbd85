/** The input and the result of evaluating a rule's period. */
import type { Forecast } from '../../values/forecast.ts';
import type { PeriodPhase } from '../../values/period.ts';
import type { Severity, Threshold } from '../../values/severity.ts';
import type { Guards } from './guards.ts';
import type { Rollover } from './rollover.ts';

/** Every outcome of a decision. The meaning of each is in docs/glossary.md. */
export const decisionOutcomes = [
  'notified',
  'superseded',
  'deduplicated',
  'past_period',
  'no_rate',
  'muted',
  'snoozed',
  'on_pace',
  'rule_changed',
  'resolved',
] as const;
export type DecisionOutcome = (typeof decisionOutcomes)[number];

/**
 * The state of one level in one period. A person hears of a level when an alert about it is sent on a channel that
 * interrupts, or is in the app and has no such channel.
 */
export type LevelState = {
  level: number;
  isOpen: boolean;
  /** The time at which the person last heard of the level in this period. */
  notifiedAt: Temporal.Instant | null;
  /** The time of the alert that the last opening made, if that is still on its way to the person. */
  alertedAt: Temporal.Instant | null;
  /** The present opening made an alert. */
  hasAlert: boolean;
  /** The person heard of the present opening. */
  isHeard: boolean;
  /** The end of a cooldown. The level, or another one that waits with it, notifies then if it is still open. */
  renotifyAt: Temporal.Instant | null;
};

/** A state to write. The level has an alert of its own if it is that of the evaluation's alert. */
export type ChangedState = Pick<LevelState, 'level' | 'isOpen' | 'renotifyAt'>;

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

/** A notification to make. `silenced`: the reason why it stays in the app alone for good. */
export type Opening = {
  level: number;
  severity: Severity;
  spentMinor: bigint;
  silenced: 'muted' | 'on_pace' | null;
};

export type Evaluation = {
  spentMinor: bigint;
  states: ChangedState[];
  decisions: Decision[];
  alert: Opening | null;
  recovery: Opening | null;
  /** Null if the next change of spending must be evaluated in any case. */
  guards: Guards | null;
};

/**
 * `spending`: expenses changed. `edit`: the rule was edited. A level that was heard in this period is not notified again
 * then, and there is no recovery.
 */
export type Cause = 'spending' | 'edit';

export type EvaluationInput = {
  rule: {
    /** Of the period, with what it carries. */
    budgetMinor: bigint;
    rollover: Rollover;
    thresholds: readonly Threshold[];
    forecastThresholds: readonly Threshold[];
    everyLevel: boolean;
    cooldownMinutes: number;
    notificationsEnabled: boolean;
    notifyOnRecovery: boolean;
  };
  cause: Cause;
  phase: PeriodPhase;
  /** The person has snoozed this rule, or all notifications. */
  isSnoozed: boolean;
  states: readonly LevelState[];
  /** Of the period. Null if there is none. */
  forecast: Forecast | null;
  /** Spending before the steps. Zero if the current period is measured for the first time. */
  spentMinor: bigint;
  /** In the order of the events. An edited rule has one step, of zero if its spending is unchanged. */
  steps: readonly { deltaMinor: bigint; expenseId: string | null }[];
  now: Temporal.Instant;
};
