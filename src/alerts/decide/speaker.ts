/** Chooses the level of a rule that speaks for the others, and whether it does so now. Pure. */
import { probabilityOfReaching, unlikely } from '../../values/forecast.ts';
import { severities, type Threshold } from '../../values/severity.ts';
import type { DecisionOutcome, EvaluationInput, LevelState } from './evaluation.ts';
import { reachedAt } from './rule.ts';

/** `level`: the one that speaks. `waiting`: the others that wait with it, where it is deduplicated until a time. */
export type Verdict = {
  level: number;
  outcome: DecisionOutcome;
  until: Temporal.Instant | null;
  waiting: ReadonlySet<number>;
} | null;

/**
 * Decides which level speaks: of those `opened` to the end, the most severe, then the highest. A higher level that is
 * open and was heard supersedes them all. `spentMinor`: the spending of now.
 */
export function judge(
  input: EvaluationInput,
  opened: readonly number[],
  open: ReadonlySet<number>,
  spentMinor: bigint,
): Verdict {
  if (input.phase === 'closed') return null;
  const heard = heardAmong(input.states.filter(({ level }) => open.has(level) && !opened.includes(level)));
  const candidates = [...opened, ...findUnheard(input, open)].filter((level) => level > heard);
  const speaker = mostSevere(input.rule.thresholds, candidates);
  if (!speaker) return null;
  const { outcome, until } = judgeOpening(input, speaker, spentMinor);
  const waiting = new Set(until ? candidates.filter((level) => level !== speaker.percent) : []);
  return { level: speaker.percent, outcome, until, waiting };
}

/**
 * Open levels that were superseded by an alert which nobody has heard, and whose level falls now. One of them speaks
 * instead: a level is superseded only by one that is heard.
 */
function findUnheard(input: EvaluationInput, open: ReadonlySet<number>): number[] {
  const { states, cause } = input;
  const isUnheardFallen = states.some(
    ({ level, isOpen, hasAlert, isHeard }) => isOpen && hasAlert && !isHeard && !open.has(level),
  );
  if (!isUnheardFallen || cause === 'edit' || silencedOf(input)) return [];
  return states
    .filter(
      ({ level, isOpen, hasAlert, renotifyAt }) =>
        isOpen && open.has(level) && !hasAlert && renotifyAt === null,
    )
    .map(({ level }) => level);
}

function judgeOpening(
  input: EvaluationInput,
  speaker: Threshold,
  spentMinor: bigint,
): { outcome: DecisionOutcome; until: Temporal.Instant | null } {
  const state = input.states.find((each) => each.level === speaker.percent);
  if (state?.notifiedAt && input.cause === 'edit') return { outcome: 'deduplicated', until: null };
  const until = cooldownEnd(input, state);
  return until
    ? { outcome: 'deduplicated', until }
    : { outcome: withheldBy(input, speaker, spentMinor) ?? 'notified', until: null };
}

type Withholding = Pick<EvaluationInput, 'rule' | 'isSnoozed' | 'forecast'>;

/** Returns the outcome of a level that does not notify at once, or null. */
export function withheldBy(
  input: Withholding,
  speaker: Threshold,
  spentMinor: bigint,
): 'muted' | 'on_pace' | 'snoozed' | null {
  const silence = silenceOf(input);
  return silence !== 'muted' && isOnPace(input, speaker, spentMinor) ? 'on_pace' : silence;
}

/**
 * True if the level may stay in the app because the budget will probably hold. Another level has to speak if it does not:
 * that of a forecast, or one of 100 % or more.
 */
function isOnPace({ rule, forecast }: Withholding, speaker: Threshold, spentMinor: bigint): boolean {
  if (!forecast || !mayBeWithheld(rule, speaker)) return false;
  const targetMinor = reachedAt(100, rule.budgetMinor);
  return probabilityOfReaching(forecast, { spentMinor, targetMinor }) < unlikely;
}

export const mayBeWithheld = (
  { everyLevel, thresholds, forecastThresholds }: EvaluationInput['rule'],
  { percent, severity }: Threshold,
): boolean =>
  !everyLevel &&
  percent < 100 &&
  severity !== 'critical' &&
  (forecastThresholds.length > 0 || thresholds.some((each) => each.percent >= 100));

type Silencing = { rule: Pick<EvaluationInput['rule'], 'notificationsEnabled'>; isSnoozed: boolean };

/** The outcome of a level whose rule is muted or snoozed, or null. */
export const silenceOf = ({ rule, isSnoozed }: Silencing): 'muted' | 'snoozed' | null => {
  if (!rule.notificationsEnabled) return 'muted';
  return isSnoozed ? 'snoozed' : null;
};

/** A snooze only defers: the notification policy decides until when. */
export const silencedOf = ({ rule }: Pick<Silencing, 'rule'>): 'muted' | null =>
  rule.notificationsEnabled ? null : 'muted';

/** The most severe of the levels, then the highest. Undefined if none of them is a threshold. */
export const mostSevere = (
  thresholds: readonly Threshold[],
  levels: readonly number[],
): Threshold | undefined =>
  thresholds
    .filter(({ percent }) => levels.includes(percent))
    .toSorted((one, other) => rankOf(other) - rankOf(one) || other.percent - one.percent)[0];

const rankOf = ({ severity }: Threshold): number => severities.indexOf(severity);

/** The highest of these levels whose present opening was heard; -Infinity if none was. */
export const heardAmong = (states: readonly LevelState[]): number =>
  Math.max(...states.filter(({ isOpen, isHeard }) => isOpen && isHeard).map(({ level }) => level));

/**
 * The end of the cooldown that a level is in; null if it is in none. It runs from when the level was last heard, and from an
 * alert that is about to be: otherwise a level that opens again in between would have two messages.
 */
export function cooldownEnd(
  { rule, now }: Pick<EvaluationInput, 'rule' | 'now'>,
  state: Pick<LevelState, 'notifiedAt' | 'alertedAt'> | undefined,
): Temporal.Instant | null {
  const [last] = [state?.notifiedAt, state?.alertedAt]
    .flatMap((at) => at ?? [])
    .sort((one, other) => Temporal.Instant.compare(other, one));
  const end = last?.add({ minutes: rule.cooldownMinutes });
  return end && Temporal.Instant.compare(now, end) < 0 ? end : null;
}
