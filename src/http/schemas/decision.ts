/** Decisions: why a level of a rule was or was not notified. */
import { type Static, Type } from 'typebox';
import { type DecisionOutcome, decisionOutcomes } from '../../alerts/decide/evaluation.ts';
import { formatAmount } from '../../values/money.ts';
import { whyDecided } from '../../alerts/messages/decision.ts';
import type { RecordedDecision } from '../../alerts/decide/recorded-decision.ts';
import { bases } from '../../values/severity.ts';
import { amount, day } from './rule.ts';
import { instant } from './text.ts';

/** The meanings of docs/glossary.md, for the API reference. */
const meanings: Readonly<Record<DecisionOutcome, string>> = {
  notified: 'opened, and a notification was made',
  superseded:
    'opened while another level speaks for it, the most severe or a higher one that was heard; or opened and fell within one batch of events. It is notified later if the level that spoke for it falls before anybody has heard of it',
  deduplicated:
    'opened again within the cooldown, or waits with a level that did; the most severe still open is notified at `until`. Without `until` it was opened again by an edit of the rule, and is not notified again in this period',
  muted: 'opened while the rule is muted; in the app alone',
  snoozed: 'opened while the person or the rule is snoozed; told when the snooze ends, if it still holds',
  on_pace:
    'opened below 100 %, while the forecast says that the budget will probably hold; in the app alone, unless the rule has `everyLevel`',
  past_period: 'opened in a period that is closed to alerts: 72 hours after its end, 12 for a daily one',
  no_rate:
    'about an expense, without a level: its currency cannot be converted to the rule’s, so it is left out of the sum',
  rule_changed: 'was open when the rule’s category, currency or period changed',
  resolved: 'fell below again',
};

const outcomeTable = decisionOutcomes.map((outcome) => `- \`${outcome}\`: ${meanings[outcome]}`).join('\n');

export const decisionSchema = Type.Object({
  at: instant('when it was decided'),
  level: Type.Optional(
    Type.Integer({ description: 'the threshold’s percent; absent if an expense had no rate' }),
  ),
  basis: Type.Optional(
    Type.Enum(bases, { description: 'of the level: actual spending, or the forecast of the period’s end' }),
  ),
  outcome: Type.Enum(decisionOutcomes, { description: `the result; the level\n\n${outcomeTable}` }),
  why: Type.String({
    description: 'what it was about and why it was or was not told, in the person’s language',
    examples: [
      'Groceries reached 100% of its budget of $400.00, with $412.30 spent. A message was made of it.',
    ],
  }),
  spent: amount('in the period, when it was decided'),
  budget: amount('of the rule, when it was decided'),
  currency: Type.String({ examples: ['USD'] }),
  periodStart: day('first day of the period'),
  expenseId: Type.Optional(Type.String({ description: 'the expense that caused it' })),
  notificationId: Type.Optional(Type.String({ format: 'uuid' })),
  until: Type.Optional(
    instant('`deduplicated`: the most severe of the levels that wait is notified then, if still open'),
  ),
});

export const decisionView = (decision: RecordedDecision): Static<typeof decisionSchema> => ({
  at: decision.at.toString(),
  ...(decision.level === null ? {} : { level: decision.level, basis: decision.basis }),
  outcome: decision.outcome,
  why: whyDecided(decision),
  spent: formatAmount(decision.spentMinor, decision.currency),
  budget: formatAmount(decision.budgetMinor, decision.currency),
  currency: decision.currency,
  periodStart: decision.periodStart,
  ...(decision.expenseId === null ? {} : { expenseId: decision.expenseId }),
  ...(decision.notificationId === null ? {} : { notificationId: decision.notificationId }),
  ...(decision.until === null ? {} : { until: decision.until.toString() }),
});
