/**
 * Forecasts a rule's periods on days of the past: by the person's spending and recurring charges before the day, with the
 * tenant's ratios of today. It asks the functions that the live forecast asks. Pure.
 */
import type { Rule } from '../../../alerts/decide/rule.ts';
import type { DaySum } from '../../../insight/decide/forecast/daily-sums.ts';
import { type DayShares, weightsAround } from '../../../insight/decide/forecast/day-weights.ts';
import type { ForecastRatios } from '../../../insight/decide/forecast/forecast-ratios.ts';
import {
  billsOf,
  historyFrom,
  refusalOf,
  remainingOf,
  type RuleBills,
  soonDueMinor,
} from '../../../insight/decide/forecast/rule-forecast.ts';
import type { Charge, Stream } from '../../../insight/decide/recurring.ts';
import type { RecurringDecision } from '../../../insight/decide/recurring-identity.ts';
import { dayNumber, dayText } from '../../../insight/decide/recurring-schedule.ts';
import type { Forecast } from '../../../values/forecast.ts';
import type { Period } from '../../../values/period.ts';
import { PastStreams } from './past-streams.ts';

export type DecidedStream = Pick<Stream, 'merchantKey' | 'currency' | 'cadence'> & {
  decision: RecurringDecision;
};

/** `days`: what the rule counts by day, in order. `charges`: the person's, in any order. `decided`: what they said of streams. */
export type ForecastPast = {
  rule: Rule;
  days: readonly DaySum[];
  charges: readonly Charge[];
  decided: readonly DecidedStream[];
  ratios: ForecastRatios;
  shares: DayShares;
};

export class PastForecasts {
  readonly #past: ForecastPast;
  readonly #streams: PastStreams;
  readonly #charges: ReadonlyMap<string, Charge>;
  #last: { day: string; forecast: Forecast | null } | null = null;

  constructor(past: ForecastPast) {
    this.#past = past;
    this.#streams = new PastStreams(past.charges);
    this.#charges = new Map(past.charges.map((charge) => [charge.expenseId, charge]));
  }

  /** Days are asked for in order. It yields where the caller may let other work come first. */
  *on(period: Period, day: string): Generator<void, Forecast | null> {
    if (this.#last?.day !== day) this.#last = { day, forecast: yield* this.#make(period, day) };
    return this.#last.forecast;
  }

  *#make(period: Period, day: string): Generator<void, Forecast | null> {
    const { rule, ratios, shares } = this.#past;
    const [start, end, now] = [dayNumber(period.start), dayNumber(period.end), dayNumber(day)];
    const first = dayNumber(historyFrom(period));
    const days = this.#past.days.filter(({ number }) => number >= first && number < now);
    const [earliest] = days;
    if (!earliest || refusalOf(period, dayText(earliest.number), day)) return null;
    const bills = this.#billsAmong(yield* this.#streams.on(day), { now, end });
    const weights = weightsAround(shares, day);
    const remaining = remainingOf({ budget: rule.period, period, days, now, bills, ratios, weights });
    if (!remaining) return null;
    const spent = days.reduce((sum, { number, amount }) => (number >= start ? sum + amount : sum), 0);
    return {
      spentMinor: BigInt(Math.round(spent)),
      remainingMinor: remaining.quantiles,
      billsMinor: soonDueMinor(bills.upcoming, now),
    };
  }

  #billsAmong(found: readonly Stream[], span: { now: number; end: number }): RuleBills {
    const { rule, decided } = this.#past;
    const streams = found.map((stream) => ({
      id: '',
      stream,
      decision: decided.find((each) => isSame(each, stream))?.decision ?? null,
    }));
    return billsOf(rule, streams, this.#charges, span);
  }
}

/** What a person said of a stream goes for its earlier charges too. */
const isSame = (one: DecidedStream, other: Stream): boolean =>
  one.merchantKey === other.merchantKey && one.currency === other.currency && one.cadence === other.cadence;
