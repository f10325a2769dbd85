/** Anomalies in the API's format. */
import { type Static, Type } from 'typebox';
import type { ListedAnomaly } from '../../insight/anomalies/list-anomalies.ts';
import { anomalyFacts } from '../../insight/decide/anomalies/anomaly-facts.ts';
import { verdicts } from '../../insight/decide/anomalies/reconcile-anomalies.ts';
import { anomalyMessage } from '../../insight/messages/anomaly-message.ts';
import { anomalyTypes } from '../../values/anomaly.ts';
import type { Reader } from '../../values/display.ts';
import { formatAmount } from '../../values/money.ts';
import { instant, nullable } from './text.ts';

export const anomalySchema = Type.Object({
  id: Type.String({ format: 'uuid' }),
  type: Type.Enum(anomalyTypes, {
    description: `the kind of anomaly:

- \`unusual_amount\`: the largest charge of its category, far above what is usual there
- \`duplicate_charge\`: the same amount at the same merchant twice within two days
- \`price_increase\`: a recurring charge that costs more than before
- \`missed_charge\`: a recurring charge that did not come when it was due
- \`new_recurring\`: the third charge of a new series`,
  }),
  expenseId: Type.Optional(
    Type.String({ description: 'the expense that showed it; absent for a missed charge' }),
  ),
  merchant: Type.String({ examples: ['Streamflix'] }),
  categoryId: Type.String(),
  amount: Type.String({ examples: ['11.99'] }),
  expected: Type.Optional(
    Type.String({ examples: ['9.99'], description: 'what is usual there, or the price before' }),
  ),
  currency: Type.String({ description: 'ISO 4217; that of the charge', examples: ['USD'] }),
  title: Type.String({ examples: ['Streamflix now costs $11.99 instead of $9.99'] }),
  reason: Type.String({ description: 'a sentence with the figures, in the person’s language' }),
  date: Type.String({
    format: 'date',
    description: 'the local day of the expense, or the one on which a missed charge was due',
  }),
  late: Type.Boolean({
    description: 'true: it was found more than seven days after its date, so it is listed and was not told',
  }),
  open: Type.Boolean({ description: 'false: it was refunded, corrected or deleted, or it came after all' }),
  verdict: nullable(Type.Enum(verdicts, { description: 'what the person said of it' })),
  notificationId: Type.Optional(
    Type.String({ format: 'uuid', description: 'the notification that tells it, if one was made' }),
  ),
  at: instant('when it was found'),
});

export const anomalyParams = Type.Object({ anomalyId: Type.String({ format: 'uuid' }) });

export const anomalyVerdict = Type.Object(
  {
    verdict: Type.Enum(verdicts, {
      description: `what the person says of it:

- \`expected\`: at that merchant up to that amount it is not found again
- \`wrong\`: it should not have been found; two of a type within six months, and the type rests that long`,
    }),
  },
  { additionalProperties: false },
);

export function anomalyView(found: ListedAnomaly, reader: Reader): Static<typeof anomalySchema> {
  const { id, type, expenseId, merchant, categoryId, currency, notificationId, verdict } = found;
  const { title, text } = anomalyMessage(anomalyFacts(id, found), reader);
  return {
    id,
    type,
    ...(expenseId === null ? {} : { expenseId }),
    merchant,
    categoryId,
    amount: formatAmount(found.amountMinor, currency),
    ...(found.expectedMinor === null ? {} : { expected: formatAmount(found.expectedMinor, currency) }),
    currency,
    title,
    reason: text,
    date: found.day,
    late: found.isLate,
    open: found.isOpen,
    verdict,
    ...(notificationId === null ? {} : { notificationId }),
    at: found.createdAt.toString(),
  };
}
