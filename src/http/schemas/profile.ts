/** A spending profile in the API's format. */
import { type Static, Type } from 'typebox';
import type { StoredProfile } from '../../insight/profiles/read-profile.ts';
import { publishedFrom } from '../../insight/decide/benchmark.ts';
import { isOutlier } from '../../insight/decide/comparison.ts';
import { parseFraction, rounded } from '../../insight/decide/fraction.ts';
import { formatAmount } from '../../values/money.ts';
import { merchantView } from './evidence.ts';
import { nullable } from './text.ts';

const shownMerchants = 5;
const amount = (description: string) => nullable(Type.String({ description, examples: ['412.30'] }));

export const categoryProfile = Type.Object({
  categoryId: Type.String(),
  name: Type.Optional(Type.String({ description: 'the category’s name, if it has one' })),
  months: Type.Integer({ description: 'the number of complete months in the figures, at most the last six' }),
  monthlyAverage: amount('net of refunds; null before the first complete month'),
  averageTransaction: amount('net of refunds'),
  frequency: nullable(Type.Number({ description: 'purchases a month' })),
  trendPct: nullable(
    Type.Number({
      description: 'the last three months compared with up to three before; null if those are fewer than two',
    }),
  ),
  volatility: nullable(
    Type.Number({
      description: 'the coefficient of variation of the months (n − 1); null below four months',
    }),
  ),
  topMerchants: Type.Array(
    Type.Object({ name: Type.String(), spent: Type.String(), count: Type.Integer() }),
    { description: 'merchants of the last 90 days, most spent first' },
  ),
  percentileRank: nullable(
    Type.Number({ description: 'among the tenant’s people in the latest month; null below ten people' }),
  ),
  isOutlier: nullable(
    Type.Boolean({ description: 'a rank of at most 10 or at least 90; null below twenty people' }),
  ),
});

export const profileSchema = Type.Object({
  currency: Type.String({ description: 'ISO 4217, the tenant’s', examples: ['USD'] }),
  categories: Type.Array(categoryProfile),
});

export const profileView = (
  categories: readonly StoredProfile[],
  currency: string,
): Static<typeof profileSchema> => ({ currency, categories: categories.map(categoryView) });

function categoryView(found: StoredProfile): Static<typeof categoryProfile> {
  const { categoryId, categoryName, currency, months, merchants } = found;
  return {
    categoryId,
    ...(categoryName === null ? {} : { name: categoryName }),
    months,
    monthlyAverage: amountOf(found.monthlyAverage, currency),
    averageTransaction: amountOf(found.averageTransaction, currency),
    frequency: found.transactionsPerMonth === null ? null : roundedNumber(found.transactionsPerMonth),
    trendPct: numberOrNull(found.trendPct),
    volatility: numberOrNull(found.volatility),
    topMerchants: (merchants ?? []).slice(0, shownMerchants).map((each) => merchantView(each, currency)),
    ...peerView(found),
  };
}

function peerView({ rank, cohortSize }: StoredProfile) {
  if (rank === null || cohortSize === null || cohortSize < publishedFrom)
    return { percentileRank: null, isOutlier: null };
  return { percentileRank: Number(Number(rank).toFixed(2)), isOutlier: isOutlier(rank, cohortSize) };
}

const amountOf = (minor: string | null, currency: string): string | null =>
  minor === null ? null : formatAmount(rounded(parseFraction(minor)), currency);

const numberOrNull = (text: string | null): number | null => (text === null ? null : Number(text));

const roundedNumber = (text: string): number => Math.round(Number(text) * 100) / 100;
