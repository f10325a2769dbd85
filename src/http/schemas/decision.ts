/** Why a person did or did not hear of a level of their rule. */
import { type Static, Type } from 'typebox';
import { outcomes } from '../../domain/alert.ts';
import { formatAmount } from '../../domain/money.ts';
import type { RecordedDecision } from '../../db/queries/list-decisions.ts';
import { amount, day } from './rule.ts';
import { instant } from './text.ts';

export const decisionSchema = Type.Object({
  at: instant('when it was decided'),
  level: Type.Optional(
    Type.Integer({ description: 'the threshold’s percent; not there where an expense had no rate' }),
  ),
  outcome: Type.Enum(outcomes),
  spent: amount('in the period, when it was decided'),
  budget: amount('of the rule, when it was decided'),
  currency: Type.String({ examples: ['USD'] }),
  periodStart: day('of the period decided about'),
  expenseId: Type.Optional(Type.String({ description: 'the expense it follows from' })),
  notificationId: Type.Optional(Type.String({ format: 'uuid' })),
  until: Type.Optional(instant('`deduplicated`: told then, if still open')),
});

export const decisionView = (decision: RecordedDecision): Static<typeof decisionSchema> => ({
  at: decision.at.toString(),
  ...(decision.level === null ? {} : { level: decision.level }),
  outcome: decision.outcome,
  spent: formatAmount(decision.spentMinor, decision.currency),
  budget: formatAmount(decision.budgetMinor, decision.currency),
  currency: decision.currency,
  periodStart: decision.periodStart,
  ...(decision.expenseId === null ? {} : { expenseId: decision.expenseId }),
  ...(decision.notificationId === null ? {} : { notificationId: decision.notificationId }),
  ...(decision.until === null ? {} : { until: decision.until.toString() }),
});
