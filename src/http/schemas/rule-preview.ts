/** The preview of a rule in the API's format. */
import { type Static, Type } from 'typebox';
import { type DecisionOutcome, decisionOutcomes } from '../../alerts/decide/evaluation.ts';
import type { Preview, PreviewOutcome } from '../../notify/decide/preview/replay-rule.ts';
import { percentOfBudget } from '../../values/figures.ts';
import { formatAmount } from '../../values/money.ts';
import { bases } from '../../values/severity.ts';
import { amount, day, ruleBody } from './rule.ts';
import { instant, nullable } from './text.ts';

const leastDays = 7;
const mostDays = 400;
export const usualDays = 90;

export const previewBody = Type.Object(
  {
    rule: ruleBody,
    days: Type.Optional(
      Type.Integer({
        minimum: leastDays,
        maximum: mostDays,
        description: `how many days it goes back, today included; ${usualDays} where left out`,
        examples: [usualDays],
      }),
    ),
  },
  { additionalProperties: false },
);
export type PreviewBody = Static<typeof previewBody>;

/** These are about no opening of a level, or about an edit or a late expense, which a preview does not have. */
const unseen: readonly DecisionOutcome[] = ['no_rate', 'past_period', 'rule_changed', 'resolved', 'snoozed'];

const outcomes: PreviewOutcome[] = [
  ...decisionOutcomes.filter((outcome) => !unseen.includes(outcome)),
  'deferred',
  'capped',
  'grouped',
];

export const previewedAlert = Type.Object({
  at: instant(
    'when its expense was spent; without one, when the cooldown ended that it waited for, or when the day began that brought its forecast',
  ),
  level: Type.Integer({ description: 'the threshold’s percent' }),
  basis: Type.Enum(bases),
  outcome: Type.Enum(outcomes, {
    description:
      'that of the decision; `deferred` where quiet hours would have held it back, `capped` where the daily quota would have, and `grouped` where it would have been part of the message of another alert',
  }),
  spent: amount('in the period, when it opened'),
  budget: amount('of the period, with what it carries over'),
});

const previewedPeriod = Type.Object({
  start: day('its first day'),
  end: day('the day after its last'),
  spent: amount('in the period, or so far'),
  pct: nullable(
    Type.Integer({
      description: 'of the budget, rounded down; null if nothing was left of it to begin with',
    }),
  ),
});

export const previewSchema = Type.Object({
  currency: Type.String({ description: 'of the amounts: the rule’s', examples: ['USD'] }),
  alerts: Type.Array(previewedAlert, { description: 'each level that would have opened, oldest first' }),
  interruptions: Type.Object({
    total: Type.Integer({
      minimum: 0,
      description: 'messages by email, SMS or push, after grouping, daily quota and quiet hours',
    }),
    perWeek: Type.Number({ description: '`total * 7 / days`, to two decimals' }),
  }),
  periods: Type.Array(previewedPeriod, {
    description: 'from the one that holds the first day; the last may be running',
  }),
});

export function previewView(
  { alerts, interruptions, periods }: Preview,
  { currency, days }: { currency: string; days: number },
): Static<typeof previewSchema> {
  return {
    currency,
    alerts: alerts.map(({ at, level, basis, outcome, spentMinor, budgetMinor }) => ({
      at: at.toString(),
      level,
      basis,
      outcome,
      spent: formatAmount(spentMinor, currency),
      budget: formatAmount(budgetMinor, currency),
    })),
    interruptions: { total: interruptions, perWeek: Math.round((interruptions * 700) / days) / 100 },
    periods: periods.map(({ period: { start, end }, spentMinor, budgetMinor }) => {
      const pct = percentOfBudget(spentMinor, budgetMinor);
      return {
        start,
        end,
        spent: formatAmount(spentMinor, currency),
        pct: pct === null ? null : Number(pct),
      };
    }),
  };
}
