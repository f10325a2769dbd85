/** The events of a live stream in the API's format. */
import { type Static, Type } from 'typebox';
import type { RuleProgress } from '../../alerts/rules/read-progress.ts';
import { formatAmount } from '../../values/money.ts';
import { notificationSchema } from '../schemas/notification.ts';
import { amount, day, percentIn } from '../schemas/rule.ts';
import { nullable } from '../schemas/text.ts';

export const spendingSchema = Type.Object({
  ruleId: Type.String({ format: 'uuid', description: 'an active rule of the person' }),
  spent: amount('in the current period'),
  budget: amount('of the period'),
  currency: Type.String({ description: 'ISO 4217', examples: ['USD'] }),
  pct: nullable(
    Type.Integer({
      description:
        'the spent percentage of the budget, rounded down; null if nothing is left of it to begin with',
    }),
  ),
  periodStart: day('first day of the current period, in the person’s zone'),
  periodEnd: day('the day after its last'),
});

export function spendingView(progress: RuleProgress): Static<typeof spendingSchema> {
  const { rule, period, spentMinor, carriedMinor } = progress;
  return {
    ruleId: rule.id,
    spent: formatAmount(spentMinor, rule.currency),
    budget: formatAmount(rule.budgetMinor + carriedMinor, rule.currency),
    currency: rule.currency,
    pct: percentIn(progress),
    periodStart: period.start,
    periodEnd: period.end,
  };
}

/** The fields of each event. `data` is one line of JSON. */
export const streamEvents = Type.Union([
  Type.Object(
    {
      event: Type.Literal('notification'),
      id: Type.String({ pattern: '^[0-9]+$', description: 'increasing; to be sent as `Last-Event-ID`' }),
      data: notificationSchema,
    },
    { description: 'A notification, in its state when it is streamed.' },
  ),
  Type.Object(
    { event: Type.Literal('spending'), data: spendingSchema },
    { description: 'Budget progress: of every active rule at the beginning, then of each that changes.' },
  ),
]);
