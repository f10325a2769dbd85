/** The figures behind a recommendation, for the person to check. */
import { type Static, Type } from 'typebox';
import { meanOf, numberOf, over, parseFraction, rounded } from '../../insight/decide/fraction.ts';
import type { Evidence, MerchantEvidence, MonthEvidence } from '../../insight/decide/suggestion.ts';
import { formatAmount } from '../../values/money.ts';

const amount = Type.String({ examples: ['412.30'] });
const month = Type.String({ examples: ['2026-10'], description: 'a complete month of the person’s' });
const day = (description: string) => Type.String({ format: 'date', description });
const count = Type.Integer({ description: 'purchases, without refunds' });

export const monthSchema = Type.Object({ month, total: amount, count });

export const merchantSchema = Type.Object({
  name: Type.String(),
  spent: amount,
  sharePct: Type.Optional(Type.Number({ description: 'of the spending at all of them' })),
  count,
});

const common = {
  from: day('the first of the 90 days that `merchants` covers'),
  to: day('the last of the 90 days'),
  merchants: Type.Array(merchantSchema, {
    description:
      'those with more purchases than refunds, most spent first; with months, only the first three',
  }),
};

export const evidenceSchema = Type.Union([
  Type.Object({
    type: Type.Literal('merchant_consolidation'),
    ...common,
    target: Type.String({ description: 'the merchant to buy from' }),
    spentElsewhere: amount,
    ratePct: Type.Number({
      description:
        '3 + 2 × (1 − Σ share²) / (1 − 1/n), the share of the spending elsewhere that may be saved',
    }),
  }),
  Type.Object({
    type: Type.Literal('spending_trend'),
    ...common,
    earlier: Type.Array(monthSchema, { description: 'without recurring charges and refunds' }),
    earlierAverage: amount,
    recent: Type.Array(monthSchema, { description: 'without recurring charges' }),
    recentAverage: amount,
    trendPct: Type.Number(),
    z: Type.Optional(
      Type.Number({ description: 'the rise divided by its standard deviation by chance; above 1.64' }),
    ),
  }),
  Type.Object({
    type: Type.Literal('spending_volatility'),
    ...common,
    months: Type.Array(monthSchema),
    average: amount,
    volatility: Type.Number({ description: 'the coefficient of variation of the months, n − 1' }),
  }),
]);

export function evidenceView(evidence: Evidence, currency: string): Static<typeof evidenceSchema> {
  const { firstDay: from, lastDay: to } = evidence;
  const months = (all: readonly MonthEvidence[]) => all.map((each) => monthView(each, currency));
  switch (evidence.type) {
    case 'merchant_consolidation':
      return { type: evidence.type, from, to, ...consolidationView(evidence, currency) };
    case 'spending_trend': {
      const { type, trendPct, earlier, recent, z } = evidence;
      const averages = {
        earlierAverage: averageOf(earlier, currency),
        recentAverage: averageOf(recent, currency),
      };
      const lists = { earlier: months(earlier), recent: months(recent) };
      return {
        type,
        from,
        to,
        merchants: merchantsView(evidence, currency),
        ...lists,
        ...averages,
        trendPct,
        ...(z === undefined ? {} : { z }),
      };
    }
    case 'spending_volatility': {
      const { type, volatility } = evidence;
      const average = averageOf(evidence.months, currency);
      const merchants = merchantsView(evidence, currency);
      return { type, from, to, merchants, months: months(evidence.months), average, volatility };
    }
  }
}

function consolidationView(
  { merchants, targetKey, elsewhereMinor, rate }: Extract<Evidence, { type: 'merchant_consolidation' }>,
  currency: string,
) {
  const target = merchants.find(({ key }) => key === targetKey);
  const total = BigInt(elsewhereMinor) + BigInt(target?.spentMinor ?? 0);
  const { numerator, denominator } = parseFraction(rate);
  return {
    merchants: merchants.map((each) => ({
      ...merchantView(each, currency),
      sharePct: numberOf(over(100n * BigInt(each.spentMinor), total), 1),
    })),
    target: target?.name ?? targetKey,
    spentElsewhere: formatAmount(BigInt(elsewhereMinor), currency),
    ratePct: numberOf(over(100n * numerator, denominator), 4),
  };
}

const merchantsView = ({ merchants }: Evidence, currency: string) =>
  merchants.map((each) => merchantView(each, currency));

export const merchantView = ({ name, spentMinor, count: purchases }: MerchantEvidence, currency: string) => ({
  name,
  spent: formatAmount(BigInt(spentMinor), currency),
  count: purchases,
});

export const monthView = (
  { month: name, totalMinor, count: purchases }: MonthEvidence,
  currency: string,
) => ({
  month: name,
  total: formatAmount(BigInt(totalMinor), currency),
  count: purchases,
});

const averageOf = (months: readonly MonthEvidence[], currency: string): string =>
  formatAmount(rounded(meanOf(months.map(({ totalMinor }) => BigInt(totalMinor)))), currency);
