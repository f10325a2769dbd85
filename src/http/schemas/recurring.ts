/** Recurring charges in the API's format. */
import { type Static, Type } from 'typebox';
import { cadences } from '../../insight/decide/recurring-schedule.ts';
import { streamStates } from '../../insight/decide/recurring-standing.ts';
import { recurringDecisions } from '../../insight/decide/recurring-identity.ts';
import type { RecurringCharge } from '../../insight/recurring/list-recurring.ts';
import { percentMore } from '../../values/figures.ts';
import { formatAmount } from '../../values/money.ts';
import { nullable } from './text.ts';

const day = (description: string) => Type.String({ format: 'date', description });

export const recurringSchema = Type.Object({
  id: Type.String({
    format: 'uuid',
    description: 'stays as long as merchant and cadence do, whatever the price',
  }),
  merchant: Type.String({ examples: ['Streamflix'] }),
  categoryId: Type.String({ description: 'the category of the last charge' }),
  amount: Type.String({
    examples: ['11.99'],
    description: 'the amount to expect: the median of the last three charges',
  }),
  currency: Type.String({ description: 'ISO 4217; that of the charges', examples: ['USD'] }),
  cadence: Type.Enum(cadences),
  nextDate: nullable(
    day('the local day on which the next charge is due; it may come some days later. Null: it has ended'),
  ),
  lastDate: day('the local day of the last charge'),
  lastAmount: Type.String({ examples: ['11.99'] }),
  changePct: nullable(
    Type.Number({
      description:
        'the last charge against the price before its last change, in percent; 0 if the price has not changed. Null: it has no price, as a bill by the meter',
    }),
  ),
  priceSince: nullable(day('the day of the first charge at the present price, if it has changed')),
  missedDate: nullable(day('the last due day without a charge')),
  status: Type.Enum([...streamStates, ...recurringDecisions], {
    description: `what it is, or what the person said of it:

- \`suggested\`: found in so few charges that the person should confirm it
- \`active\`: found, and its next charge is awaited
- \`late\`: the charge of \`missedDate\` did not come
- \`ended\`: two charges in a row did not come
- \`confirmed\`: the person said that it is one
- \`ignored\`: the person said that it is none; it counts in nothing but this list`,
  }),
  occurrences: Type.Integer({ description: 'charges of the last 25 months' }),
});

export const recurringParams = Type.Object({ recurringId: Type.String({ format: 'uuid' }) });

export const recurringDecision = Type.Object(
  { status: Type.Enum(recurringDecisions) },
  { additionalProperties: false },
);

export function recurringView(found: RecurringCharge): Static<typeof recurringSchema> {
  const { id, merchant, categoryId, currency, cadence, occurrences, priceSince } = found;
  return {
    id,
    merchant,
    categoryId,
    amount: formatAmount(found.amountMinor, currency),
    currency,
    cadence,
    nextDate: found.nextDay,
    lastDate: found.lastDay,
    lastAmount: formatAmount(found.lastAmountMinor, currency),
    changePct: changePct(found),
    priceSince,
    missedDate: found.missedDay,
    status: found.decision ?? found.state,
    occurrences,
  };
}

function changePct({ isVariable, priceBeforeMinor, lastAmountMinor }: RecurringCharge): number | null {
  if (isVariable) return null;
  return priceBeforeMinor === null ? 0 : percentMore(lastAmountMinor, priceBeforeMinor);
}
