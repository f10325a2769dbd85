/**
 * Replays a rule over a person's past expenses: its levels through the evaluation of live expenses, and their alerts through
 * the notification policy. Each expense arrives at the instant at which it was spent. Pure.
 */
import type { DecisionOutcome, Evaluation } from '../../../alerts/decide/evaluation.ts';
import { type ForecastDecision, judgeForecasts } from '../../../alerts/decide/forecast-levels.ts';
import {
  endReplayedCooldowns,
  firstPeriod,
  hear,
  keep,
  nextCooldown,
  periodAfter,
  type ReplayedPeriod,
  spend,
} from '../../../alerts/decide/replay-levels.ts';
import type { Rule } from '../../../alerts/decide/rule.ts';
import type { Forecast } from '../../../values/forecast.ts';
import { localDay, type Period, startOfDay } from '../../../values/period.ts';
import type { Basis } from '../../../values/severity.ts';
import type { Recipient } from '../policy.ts';
import { type PolicyOutcome, type ReplayedAlert, ReplayedMessages } from './replay-messages.ts';

/** Expenses of one instant that the rule counts, in its currency. `day`: the local day on which they count. */
export type PastSpending = { at: Temporal.Instant; day: string; deltasMinor: readonly bigint[] };

/**
 * `firstDay`: the replay begins with the period that holds it. `spending`: from that period's beginning until `now`, in order
 * of time. `forecastOn`: what was to be expected of a period on one of its days, by what lay before that day; days are asked
 * for in order.
 */
export type Past = {
  rule: Rule;
  person: Recipient;
  firstDay: string;
  spending: readonly PastSpending[];
  forecastOn: (period: Period, day: string) => Generator<void, Forecast | null>;
  now: Temporal.Instant;
};

export type PreviewOutcome = DecisionOutcome | NonNullable<PolicyOutcome>;

type PreviewedAlert = {
  at: Temporal.Instant;
  level: number;
  basis: Basis;
  outcome: PreviewOutcome;
  spentMinor: bigint;
  budgetMinor: bigint;
};

export type Preview = {
  alerts: PreviewedAlert[];
  interruptions: number;
  periods: { period: Period; spentMinor: bigint; budgetMinor: bigint }[];
};

/** It yields where the caller may let other work come first. */
export function* replayRule(past: Past): Generator<void, Preview> {
  const replay = new Replay(past);
  for (const spending of past.spending) {
    yield* replay.advance(spending.at);
    yield* replay.spend(spending);
    if (replay.isTimeToYield()) yield;
  }
  yield* replay.advance(past.now);
  return replay.result();
}

/** So many steps take a few milliseconds. */
const stepsAtATime = 200;

/** An alert that was made, with the line of it. `id`: null where no notification was made. */
type Line = Omit<PreviewedAlert, 'outcome'> & { outcome: DecisionOutcome; id: number | null };

/** A level of the forecast in one period. */
type ForecastState = { level: number; at: ReplayedPeriod; isOpen: boolean; alertId: number | null };

class Replay {
  readonly #past: Past;
  readonly #periods: ReplayedPeriod[];
  readonly #lines: Line[] = [];
  readonly #messages: ReplayedMessages;
  #forecasts: ForecastState[] = [];
  /** Of the release that is under way. */
  #forecast: Forecast | null = null;
  /** The next local day that has not begun. Null: days do not matter. */
  #nextDay: { day: string; at: Temporal.Instant } | null = null;
  #alerts = 0;
  #steps = 0;

  constructor(past: Past) {
    const { rule, person, firstDay } = past;
    const first = firstPeriod(rule, firstDay);
    this.#past = past;
    this.#periods = first ? [first] : [];
    if (first && rule.forecastThresholds.length > 0) this.#awaitDay(first.period.start);
    this.#messages = new ReplayedMessages(person, {
      onHeard: ({ type, at, level, id }, now) => {
        if (type === 'budget_alert') hear(at, level, id, now);
      },
      forecastOf: (alert) => this.#openForecast(alert),
    });
  }

  isTimeToYield(): boolean {
    this.#steps += 1;
    return this.#steps % stepsAtATime === 0;
  }

  result(): Preview {
    const today = localDay(this.#past.now, this.#past.person.timeZone);
    this.#begin(today);
    return {
      alerts: this.#lines.map(({ id, outcome, ...line }) => ({
        ...line,
        outcome: (id !== null && this.#messages.outcomeOf(id)) || outcome,
      })),
      interruptions: this.#messages.interruptions,
      periods: this.#periods
        .filter(({ period }) => period.start <= today)
        .map(({ rule, period, spentMinor }) => ({ period, spentMinor, budgetMinor: rule.budgetMinor })),
    };
  }

  /** Does in order what was due until then: ends of cooldowns and of waits, and days that begin. */
  *advance(until: Temporal.Instant): Generator<void> {
    for (;;) {
      const [next] = this.#due().toSorted((one, other) => Temporal.Instant.compare(one.at, other.at));
      if (!next || Temporal.Instant.compare(next.at, until) > 0) return;
      yield* next.run(next.at);
      yield;
    }
  }

  #due(): { at: Temporal.Instant; run: (at: Temporal.Instant) => Generator<void> }[] {
    const wait = this.#messages.next();
    const next = this.#nextDay;
    return [
      ...(next ? [{ at: next.at, run: () => this.#beginDay(next.day, next.at) }] : []),
      ...this.#periods.slice(-2).flatMap((period) => {
        const at = nextCooldown(period);
        return at ? [{ at, run: (now: Temporal.Instant) => this.#endCooldowns(period, now) }] : [];
      }),
      ...(wait ? [{ at: wait, run: (at: Temporal.Instant) => this.#release(at) }] : []),
    ];
  }

  #awaitDay(day: string): void {
    this.#nextDay = { day, at: startOfDay(day, this.#past.person.timeZone) };
  }

  *#beginDay(day: string, now: Temporal.Instant): Generator<void> {
    this.#awaitDay(Temporal.PlainDate.from(day).add({ days: 1 }).toString());
    this.#open(yield* this.#judge(this.#begin(day), now), now);
  }

  /** What waited may be a forecast, which is rechecked with that of the day. */
  *#release(now: Temporal.Instant): Generator<void> {
    const at = this.#begin(localDay(now, this.#past.person.timeZone));
    this.#forecast = at && this.#forecasts.length > 0 ? yield* this.#forecastAt(at, now) : null;
    this.#messages.release(now);
  }

  /** The period that the day lies in, or null. Periods before it have ended, and carry what was left. */
  #begin(day: string): ReplayedPeriod | null {
    let last = this.#periods.at(-1) ?? null;
    while (last && last.period.end <= day) {
      last = periodAfter(this.#past.rule, last);
      if (last) this.#periods.push(last);
    }
    return last && last.period.start <= day ? last : null;
  }

  *spend({ at: now, day, deltasMinor }: PastSpending): Generator<void> {
    const at = this.#begin(day);
    if (!at) return;
    const ask = () => this.#forecastAt(at, now);
    const own = this.#take(at, yield* spend(at, deltasMinor, this.#moment(now), ask), now);
    this.#open([...own, ...(yield* this.#judge(at, now))], now);
  }

  *#endCooldowns(at: ReplayedPeriod, now: Temporal.Instant): Generator<void> {
    const ask = () => this.#forecastAt(at, now);
    this.#open(this.#take(at, yield* endReplayedCooldowns(at, this.#moment(now), ask), now), now);
  }

  #moment = (now: Temporal.Instant) => ({ now, timeZone: this.#past.person.timeZone });

  *#forecastAt({ period }: ReplayedPeriod, now: Temporal.Instant): Generator<void, Forecast | null> {
    const day = localDay(now, this.#past.person.timeZone);
    return day < period.end ? yield* this.#past.forecastOn(period, day) : null;
  }

  #open(alerts: readonly ReplayedAlert[], now: Temporal.Instant): void {
    if (this.#past.rule.isActive) this.#messages.open(alerts, now);
  }

  /** Keeps the levels and the lines of an evaluation, and returns its alert and its recovery. */
  #take(at: ReplayedPeriod, evaluation: Evaluation, now: Temporal.Instant): ReplayedAlert[] {
    const id = this.#nextId();
    keep(at, evaluation, id);
    for (const { level, outcome, spentMinor, notifies } of evaluation.decisions)
      if (level !== null && outcome !== 'resolved')
        this.#write({ now, at, level, basis: 'actual', outcome, spentMinor, id: notifies ? id : null });
    const made = { at, forecast: null };
    const { alert, recovery } = evaluation;
    return [
      ...(alert ? [{ ...made, ...alert, type: 'budget_alert' as const, id }] : []),
      ...(recovery ? [{ ...made, ...recovery, type: 'recovery' as const, id: this.#nextId() }] : []),
    ];
  }

  #nextId(): number {
    this.#alerts += 1;
    return this.#alerts;
  }

  /** A rule that is switched off measures, and tells nothing. */
  #write({
    now,
    at,
    ...line
  }: Omit<Line, 'at' | 'budgetMinor'> & { now: Temporal.Instant; at: ReplayedPeriod }) {
    if (this.#past.rule.isActive) this.#lines.push({ ...line, at: now, budgetMinor: at.rule.budgetMinor });
  }

  /** Judges the forecast levels of a period that runs, and returns the alert of those that open. */
  *#judge(at: ReplayedPeriod | null, now: Temporal.Instant): Generator<void, ReplayedAlert[]> {
    if (!at || at.rule.forecastThresholds.length === 0) return [];
    const forecast = yield* this.#forecastAt(at, now);
    const { rule, period, spentMinor } = at;
    const own = this.#forecasts.filter((state) => state.at === at);
    const decisions = judgeForecasts({
      rule,
      isSnoozed: false,
      period,
      forecast,
      spentMinor,
      states: own.map(({ level, isOpen, alertId }) => ({
        level,
        period,
        isOpen,
        isTold: alertId !== null && this.#messages.hasNotification(alertId),
      })),
    });
    return decisions.flatMap((decision) => this.#takeForecast(at, decision, forecast, now));
  }

  #takeForecast(
    at: ReplayedPeriod,
    { level, isOpen, outcome, notifies }: ForecastDecision,
    forecast: Forecast | null,
    now: Temporal.Instant,
  ): ReplayedAlert[] {
    const id = notifies ? this.#nextId() : null;
    const isOwn = (state: ForecastState): boolean => state.at === at && state.level === level;
    const before = this.#forecasts.find(isOwn);
    this.#forecasts = this.#forecasts.filter((state) => state.at === at && !isOwn(state));
    this.#forecasts.push({ level, at, isOpen, alertId: id ?? before?.alertId ?? null });
    if (isOpen) this.#write({ now, at, level, basis: 'forecast', outcome, spentMinor: at.spentMinor, id });
    return notifies && id !== null ? [{ id, type: 'forecast', at, level, ...notifies, forecast }] : [];
  }

  /** The forecast of the release. Null unless the level is open in the period that runs. */
  #openForecast({ at, level }: ReplayedAlert): Forecast | null {
    const isOpen = this.#forecasts.some((state) => state.at === at && state.level === level && state.isOpen);
    return isOpen && at === this.#periods.at(-1) ? this.#forecast : null;
  }
}
