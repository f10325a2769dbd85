/** Recommendations in the API's format. */
import { type Static, Type } from 'typebox';
import type { StoredRecommendation } from '../../insight/recommendations/read-recommendation.ts';
import { parseFraction, rounded } from '../../insight/decide/fraction.ts';
import { isClaimed } from '../../insight/decide/measurement.ts';
import { recommendationStatuses } from '../../insight/decide/lifecycle.ts';
import { type MonthEvidence, recommendationTypes } from '../../insight/decide/suggestion.ts';
import { difficulties } from '../../insight/decide/confidence.ts';
import { formatAmount } from '../../values/money.ts';
import { recommendationMessage } from '../../insight/messages/recommendation-message.ts';
import { evidenceSchema, evidenceView, monthSchema, monthView } from './evidence.ts';
import { instant } from './text.ts';

const amount = (description: string) => Type.String({ description, examples: ['12.40'] });

export const recommendationSchema = Type.Object({
  id: Type.String({ format: 'uuid' }),
  type: Type.Enum(recommendationTypes, {
    description: `the kind of recommendation:

- \`spending_trend\`: monthly spending rose more than chance explains, without recurring charges and single purchases
- \`merchant_consolidation\`, \`spending_volatility\`: made before version 0.5; no longer made`,
  }),
  categoryId: Type.String(),
  title: Type.String({ examples: ['Groceries: 28% more a month than before'] }),
  description: Type.String(),
  estimatedMonthlySavings: amount('45 % of the rise: as much of a rise stays on average if nobody acts'),
  currency: Type.String({ description: 'ISO 4217; the currency of every amount here', examples: ['USD'] }),
  savingsPct: Type.Number({ description: 'of the monthly spending in the category' }),
  confidence: Type.Number({
    description:
      'from 0 to 1: the probability that the rise is still there in three months. A logistic regression on the rise divided by its deviation by chance, the months above and the level before',
  }),
  difficulty: Type.Enum(difficulties, {
    description: 'by the number of purchases a month: `easy` up to 4, `moderate` up to 12',
  }),
  actionItems: Type.Array(Type.String()),
  evidence: evidenceSchema,
  status: Type.Enum(recommendationStatuses, {
    description:
      '`expired`: not answered for 45 days, no longer suggested by the spending, or displaced by one worth more',
  }),
  reason: Type.Optional(
    Type.Literal('redefined', { description: '`expired`: made by a definition that is no longer used' }),
  ),
  dismissReason: Type.Optional(Type.String()),
  baselineMonthlySpending: Type.Optional(
    amount('`accepted`: the monthly spending in the category that was expected if nobody acts'),
  ),
  measuredMonthlySavings: Type.Optional(
    amount(
      'the real monthly saving in the category over three whole months, negative if more was spent; only if `measuredRange` leaves zero out',
    ),
  ),
  measuredRange: Type.Optional(
    Type.Object(
      { low: amount('the lower end'), high: amount('the upper end') },
      { description: 'holds the real monthly saving in nine cases of ten' },
    ),
  ),
  measuredMonths: Type.Optional(Type.Array(monthSchema, { description: 'the months of the measurement' })),
  createdAt: instant('when it was first suggested'),
  decidedAt: Type.Optional(instant('when it was accepted or dismissed')),
  expiresAt: instant('`suggested`: open until then'),
});

export const recommendationParams = Type.Object({ recommendationId: Type.String({ format: 'uuid' }) });

export const dismissalBody = Type.Object(
  {
    reason: Type.Optional(
      Type.String({
        pattern: String.raw`^[^\0\p{Cs}]{0,500}$`,
        description: 'a free text of at most 500 characters, none of them NUL',
      }),
    ),
  },
  { additionalProperties: false },
);

/** `locale` is the reader's. */
export function recommendationView(
  found: StoredRecommendation,
  locale: string,
): Static<typeof recommendationSchema> {
  const { currency, evidence, decidedAt, dismissReason } = found;
  const category = found.categoryName ?? found.categoryId;
  const { title, description, actionItems } = recommendationMessage({ ...found, category }, locale);
  return {
    id: found.id,
    type: evidence.type,
    categoryId: found.categoryId,
    title,
    description,
    estimatedMonthlySavings: formatAmount(found.savingMinor, currency),
    currency,
    savingsPct: found.savingsPct,
    confidence: found.confidence,
    difficulty: found.difficulty,
    actionItems,
    evidence: evidenceView(evidence, currency),
    status: found.status,
    ...(found.expiryReason === null ? {} : { reason: found.expiryReason }),
    ...(dismissReason === null ? {} : { dismissReason }),
    ...measurementView(found),
    createdAt: found.createdAt.toString(),
    ...(decidedAt === null ? {} : { decidedAt: decidedAt.toString() }),
    expiresAt: found.expiresAt.toString(),
  };
}

function measurementView(found: StoredRecommendation) {
  const { currency, baselineMinor, measuredMinor, measuredRange, measuredMonths } = found;
  const months = measuredMonths?.map((month: MonthEvidence) => monthView(month, currency));
  return {
    ...(baselineMinor === null
      ? {}
      : { baselineMonthlySpending: formatAmount(rounded(parseFraction(baselineMinor)), currency) }),
    ...(measuredMinor === null || measuredRange === null || !isClaimed(measuredRange)
      ? {}
      : { measuredMonthlySavings: formatAmount(measuredMinor, currency) }),
    ...(measuredRange === null
      ? {}
      : {
          measuredRange: {
            low: formatAmount(measuredRange.lowMinor, currency),
            high: formatAmount(measuredRange.highMinor, currency),
          },
        }),
    ...(months === undefined ? {} : { measuredMonths: months }),
  };
}
