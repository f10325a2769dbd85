/** Makes the forecasts of rules' running periods from what is stored, in a few statements for all of them. */
import type { Person } from '../../accounts/people.ts';
import type { Rule } from '../../alerts/decide/rule.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { localDay, type Period, periodToShow } from '../../values/period.ts';
import { type DayWeights, weightsAround } from '../decide/forecast/day-weights.ts';
import type { ForecastRatios } from '../decide/forecast/forecast-ratios.ts';
import { dayNumber, dayText } from '../decide/recurring-schedule.ts';
import {
  billsOf,
  type ForecastRefusal,
  historyFrom,
  refusalOf,
  remainingOf,
  type UpcomingBill,
} from '../decide/forecast/rule-forecast.ts';
import type { PersonRecurring } from '../recurring/rebuild-recurring.ts';
import { type AskedRule, readRuleDays, type RuleDays } from './read-rule-days.ts';
import { readRatios } from './pooled-ratios.ts';

/** Amounts are minor units of the rule's currency. `spentMinor`: in the period so far. `quantiles`: of what is to come. */
export type MadeForecast = {
  spentMinor: bigint;
  quantiles: bigint[];
  upcoming: UpcomingBill[];
  months: number;
  transactions: number;
};

/** `day`: the person's local day on which it was made. */
export type RuleForecast = {
  rule: Rule;
  period: Period;
  day: string;
  made: MadeForecast | { refusal: ForecastRefusal };
};

/** From this hour on, a day without spending counts as over. */
const noon = 12;

/**
 * Of the `rules` of these people, who belong to one tenant. `recurring`: their streams, as found among the expenses of now.
 */
export async function makeForecasts(
  sql: Sql,
  tenantId: string,
  asked: readonly { rule: Rule; person: Pick<Person, 'timeZone'> }[],
  recurring: ReadonlyMap<string, PersonRecurring>,
  now: Temporal.Instant,
): Promise<RuleForecast[]> {
  if (asked.length === 0) return [];
  const rules = asked.map(({ rule, person }) => askedRule(rule, person, now));
  const days = await readRuleDays(sql, rules);
  const { ratios, shares } = await readRatios(sql, tenantId);
  const weights = weightsAround(shares, localDay(now, 'UTC'));
  return rules.map((own) => ({
    rule: own.rule,
    period: own.period,
    day: own.today,
    made: makeForecast(own, days.get(own.rule.id) ?? nothing, {
      recurring: recurring.get(own.rule.userId) ?? nothingRecurring,
      ratios,
      weights,
    }),
  }));
}

const nothing: RuleDays = { days: [], spentMinor: null };
const nothingRecurring: PersonRecurring = { charges: [], streams: [], known: [], changesOn: undefined };

function askedRule(rule: Rule, { timeZone }: Pick<Person, 'timeZone'>, now: Temporal.Instant): AskedRule {
  const today = localDay(now, timeZone);
  const period = periodToShow(rule.period, today);
  return { rule, period, today, hour: now.toZonedDateTimeISO(timeZone).hour, from: historyFrom(period) };
}

type Known = {
  recurring: PersonRecurring;
  ratios: ForecastRatios;
  weights: DayWeights;
};

function makeForecast(
  { rule, period, today, hour }: AskedRule,
  { days, spentMinor }: RuleDays,
  { recurring, ratios, weights }: Known,
): RuleForecast['made'] {
  const firstDay = days[0] ? dayText(days[0].number) : null;
  const refusal = refusalOf(period, firstDay, today);
  if (refusal) return { refusal };
  const [start, end, todayNumber] = [period.start, period.end, today].map(dayNumber) as [
    number,
    number,
    number,
  ];
  const isTodayOver = hour >= noon || days.at(-1)?.number === todayNumber;
  const now = isTodayOver ? todayNumber + 1 : todayNumber;
  const charges = new Map(recurring.charges.map((charge) => [charge.expenseId, charge]));
  const bills = billsOf(rule, recurring.known, charges, { now, end });
  const remaining = remainingOf({ budget: rule.period, period, days, now, bills, ratios, weights });
  if (!remaining) return { refusal: 'too_little_history' };
  const kept = days.filter(({ number }) => number >= start).reduce((sum, { amount }) => sum + amount, 0);
  return {
    spentMinor: spentMinor ?? BigInt(Math.round(kept)),
    upcoming: bills.upcoming,
    quantiles: remaining.quantiles,
    months: remaining.months,
    transactions: days.reduce((sum, { purchases }) => sum + purchases, 0),
  };
}
