/** Forecasts in the API's format. */
import { type Static, Type } from 'typebox';
import { reachedAt } from '../../alerts/decide/rule.ts';
import { dayText } from '../../insight/decide/recurring-schedule.ts';
import type { MadeForecast } from '../../insight/forecasts/make-forecasts.ts';
import type { ReadForecast } from '../../insight/forecasts/read-forecast.ts';
import { endAt, type Forecast, probabilityOfReaching, unlikely } from '../../values/forecast.ts';
import { formatAmount } from '../../values/money.ts';
import { amount, day } from './rule.ts';

const expectedSchema = Type.Object(
  {
    p10: amount('it ends below this with 10 %'),
    p50: amount('as likely below as above'),
    p90: amount('it ends above this with 10 %'),
  },
  { description: 'what the period will end at' },
);

const probability = Type.Number({
  minimum: 0,
  maximum: 1,
  description: 'of ending at 100 % of the budget or above',
  examples: [0.63],
});

export const forecastSchema = Type.Object({
  periodStart: day('first day of the current period'),
  periodEnd: day('the day after its last'),
  budget: amount('of the period, with what is carried over'),
  spent: amount('in the period so far'),
  currency: Type.String({ examples: ['USD'] }),
  expected: expectedSchema,
  probabilityOver: probability,
  onPace: Type.Boolean({ description: 'true if that probability is below one half' }),
  daysLeft: Type.Integer({ description: 'days until the period ends; 1 on its last day' }),
  upcoming: Type.Array(
    Type.Object({
      merchant: Type.String(),
      amount: amount('as it is expected'),
      date: day('when it is due'),
      recurringId: Type.String({ format: 'uuid' }),
    }),
    { description: 'recurring charges that are due before the period ends, the next first' },
  ),
  basedOn: Type.Object({
    months: Type.Integer({ description: 'complete months of history' }),
    transactions: Type.Integer({ description: 'expenses of the last 13 months and the period' }),
  }),
});

/** Of a rule on the dashboard. */
export const outlookSchema = Type.Object({
  expected: expectedSchema,
  probabilityOver: probability,
  onPace: forecastSchema.properties.onPace,
});

type Budget = { spentMinor: bigint; budgetMinor: bigint; currency: string };

const decimals = 1000;

export function outlookView(
  forecast: Forecast,
  { spentMinor, budgetMinor, currency }: Budget,
): Static<typeof outlookSchema> {
  const end = (share: number) => formatAmount(endAt(forecast, share, spentMinor), currency);
  const over = probabilityOfReaching(forecast, { spentMinor, targetMinor: reachedAt(100, budgetMinor) });
  return {
    expected: { p10: end(0.1), p50: end(0.5), p90: end(0.9) },
    probabilityOver: Math.round(over * decimals) / decimals,
    onPace: over < unlikely,
  };
}

export function forecastView(
  { rule, period, day: today, budgetMinor }: ReadForecast,
  { spentMinor, quantiles, upcoming, months, transactions }: MadeForecast,
): Static<typeof forecastSchema> {
  const { currency } = rule;
  const left = Temporal.PlainDate.from(today).until(period.end, { largestUnit: 'days' }).days;
  const forecast = { spentMinor, remainingMinor: quantiles, billsMinor: 0n };
  return {
    periodStart: period.start,
    periodEnd: period.end,
    budget: formatAmount(budgetMinor, currency),
    spent: formatAmount(spentMinor, currency),
    currency,
    ...outlookView(forecast, { spentMinor, budgetMinor, currency }),
    daysLeft: left,
    upcoming: upcoming.map(({ merchant, amountMinor, dueOn, recurringId }) => ({
      merchant,
      amount: formatAmount(amountMinor, currency),
      date: dayText(dueOn),
      recurringId,
    })),
    basedOn: { months, transactions },
  };
}
