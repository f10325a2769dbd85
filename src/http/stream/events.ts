/** The events of a live stream in the API's format. */
import { type Static, Type } from 'typebox';
import type { RuleProgress } from '../../alerts/rules/read-progress.ts';
import { percentOfBudget } from '../../values/figures.ts';
import { formatAmount } from '../../values/money.ts';
import { notificationSchema } from '../schemas/notification.ts';
import { amount, day } from '../schemas/rule.ts';

export const spendingSchema = Type.Object({
  ruleId: Type.String({ format: 'uuid', description: 'an active rule of the person' }),
  spent: amount('in the current period'),
  budget: amount('the rule’s budget'),
  currency: Type.String({ description: 'ISO 4217', examples: ['USD'] }),
  pct: Type.Integer({ description: 'the spent percentage of the budget, rounded down' }),
  periodStart: day('first day of the current period, in the person’s zone'),
  periodEnd: day('the day after its last'),
});

export function spendingView({ rule, period, spentMinor }: RuleProgress): Static<typeof spendingSchema> {
  return {
    ruleId: rule.id,
    spent: formatAmount(spentMinor, rule.currency),
    budget: formatAmount(rule.budgetMinor, rule.currency),
    currency: rule.currency,
    pct: Number(percentOfBudget(spentMinor, rule.budgetMinor)),
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
