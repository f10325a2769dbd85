/** Recommendations as their person sees them. */
import { type Static, Type } from 'typebox';
import type { StoredRecommendation } from '../../insight/recommendations/read-recommendation.ts';
import { parseFraction, rounded } from '../../insight/decide/fraction.ts';
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
    description: `what it is about:

- \`merchant_consolidation\`: buying in one place what is now bought in three or more
- \`spending_trend\`: more than 10 % more a month than before
- \`spending_volatility\`: months that differ by more than 0.3 of their mean (coefficient of variation)`,
  }),
  categoryId: Type.String(),
  title: Type.String({ examples: ['Groceries: about 12.40 USD a month to save'] }),
  description: Type.String(),
  estimatedMonthlySavings: amount('what following it may save a month'),
  currency: Type.String({ description: 'ISO 4217; what every amount here is in', examples: ['USD'] }),
  savingsPct: Type.Number({ description: 'of what is spent a month in the category' }),
  confidence: Type.Number({
    description:
      'from 0 to 1: the mean of m/(m+2), p/(p+10) and e/(e+1), with the months and the purchases it is seen in, and how many times the limit the effect is',
  }),
  difficulty: Type.Enum(difficulties, {
    description: 'by the merchants to leave, or the purchases a month: `easy` up to 4, `moderate` up to 12',
  }),
  actionItems: Type.Array(Type.String()),
  evidence: evidenceSchema,
  status: Type.Enum(recommendationStatuses, {
    description: '`expired`: nobody took it up for 45 days, or the spending no longer suggests it',
  }),
  dismissReason: Type.Optional(Type.String()),
  baselineMonthlySpending: Type.Optional(
    amount('`accepted`: what was spent a month in the category by then'),
  ),
  measuredMonthlySavings: Type.Optional(
    amount(
      'what was really saved a month in the category, three whole months on; below zero: more was spent',
    ),
  ),
  measuredMonths: Type.Optional(Type.Array(monthSchema, { description: 'what that was measured by' })),
  createdAt: instant('when it was first suggested'),
  decidedAt: Type.Optional(instant('when it was accepted or dismissed')),
  expiresAt: instant('`suggested`: until then'),
});

export const recommendationParams = Type.Object({ recommendationId: Type.String({ format: 'uuid' }) });

export const dismissalBody = Type.Object(
  { reason: Type.Optional(Type.String({ maxLength: 500, description: 'why, in one’s own words' })) },
  { additionalProperties: false },
);

/** `locale`: the reader's. */
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
    ...(dismissReason === null ? {} : { dismissReason }),
    ...measurementView(found),
    createdAt: found.createdAt.toString(),
    ...(decidedAt === null ? {} : { decidedAt: decidedAt.toString() }),
    expiresAt: found.expiresAt.toString(),
  };
}

function measurementView({ currency, baselineMinor, measuredMinor, measuredMonths }: StoredRecommendation) {
  const months = measuredMonths?.map((month: MonthEvidence) => monthView(month, currency));
  return {
    ...(baselineMinor === null
      ? {}
      : { baselineMonthlySpending: formatAmount(rounded(parseFraction(baselineMinor)), currency) }),
    ...(measuredMinor === null ? {} : { measuredMonthlySavings: formatAmount(measuredMinor, currency) }),
    ...(months === undefined ? {} : { measuredMonths: months }),
  };
}
