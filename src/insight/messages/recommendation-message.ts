/** Renders a recommendation as text. It is rendered when it is read, from the stored figures. */
import { say } from '../../values/catalogue/catalogue.ts';
import { meanOf, rounded } from '../decide/fraction.ts';
import type { Evidence, MerchantEvidence, MonthEvidence } from '../decide/suggestion.ts';
import { dayIn, moneyIn, monthIn, percentIn } from '../../values/display.ts';
import { isolatedName } from '../../values/display-name.ts';

/** `category` is its name, or else its id. */
export type RecommendationFacts = {
  category: string;
  currency: string;
  savingMinor: bigint;
  evidence: Evidence;
};

export type RecommendationMessage = { title: string; description: string; actionItems: string[] };

type Text = Omit<RecommendationMessage, 'title'> & { news: string };
type Of<Type extends Evidence['type']> = Extract<Evidence, { type: Type }>;

/** `locale` is a BCP 47 tag. */
export function recommendationMessage(facts: RecommendationFacts, locale: string): RecommendationMessage {
  const figures = new Figures(locale, facts.currency);
  const { news, ...text } = renderText(facts, figures);
  const label = isolatedName(facts.category);
  return { title: say(figures, 'text.labelled', { label, text: news }), ...text };
}

function renderText({ evidence, savingMinor }: RecommendationFacts, figures: Figures): Text {
  switch (evidence.type) {
    case 'merchant_consolidation':
      return consolidationText(evidence, savingMinor, figures);
    case 'spending_trend':
      return trendText(evidence, savingMinor, figures);
    case 'spending_volatility':
      return volatilityText(evidence, savingMinor, figures);
  }
}

/** Formats numbers for one locale and currency. */
class Figures {
  readonly locale: string;
  readonly #currency: string;

  constructor(locale: string, currency: string) {
    this.locale = locale;
    this.#currency = currency;
  }

  money = (minor: bigint | string): string => moneyIn(this, BigInt(minor), this.#currency);
  day = (day: string): string => dayIn(this.locale, Temporal.PlainDate.from(day));
  month = (month: string): string => monthIn(this.locale, Temporal.PlainDate.from(`${month}-01`));
}

const othersNamed = 2;

function consolidationText(
  { merchants, targetKey, elsewhereMinor, firstDay, lastDay }: Of<'merchant_consolidation'>,
  savingMinor: bigint,
  figures: Figures,
): Text {
  const { money, day } = figures;
  const others = merchants.filter(({ key }) => key !== targetKey);
  const target = merchants.find(({ key }) => key === targetKey);
  const name = isolatedName(target?.name ?? targetKey);
  const inTarget = BigInt(target?.spentMinor ?? 0);
  const saving = money(savingMinor);
  return {
    news: say(figures, 'advice.toSave', { saving }),
    description: say(figures, 'advice.consolidation', {
      elsewhere: money(elsewhereMinor),
      total: money(inTarget + BigInt(elsewhereMinor)),
      count: others.length,
      name,
      first: day(firstDay),
      last: day(lastDay),
    }),
    actionItems: [
      ...others
        .slice(0, othersNamed)
        .map((other) => say(figures, 'advice.seeWhether', { name, merchant: merchantText(other, figures) })),
      say(figures, 'advice.askAt', { name, spent: money(inTarget) }),
    ],
  };
}

/** Spending that more than doubled did not rise gradually. Something new began, and it may be permanent. */
const doubledPct = 100;

function trendText(
  { earlier, recent, merchants, trendPct, deviationMinor }: Of<'spending_trend'>,
  savingMinor: bigint,
  figures: Figures,
): Text {
  const { money, locale } = figures;
  const [before, now] = [money(meanMinor(earlier)), money(meanMinor(recent))];
  const [spanBefore, spanNow] = [spanOf(earlier, figures), spanOf(recent, figures)];
  const look = whereToLook(recent, merchants, figures);
  const saving = money(savingMinor);
  // Advice from before version 0.5 promised the whole rise.
  const key = deviationMinor === undefined ? 'advice.trend' : 'advice.rise';
  const description = say(figures, key, { now, spanNow, before, spanBefore, saving });
  if (trendPct <= doubledPct)
    return {
      news: say(figures, 'advice.risen', { percent: percentIn(locale, Math.round(trendPct)) }),
      description,
      actionItems: [say(figures, 'advice.aimFor', { before, spanBefore }), ...look],
    };
  return {
    news: say(figures, 'advice.doubled', { now, before }),
    description,
    actionItems: [
      ...look,
      say(figures, 'advice.toStay', { now }),
      say(figures, 'advice.notToStay', { before, spanBefore }),
    ],
  };
}

function volatilityText(
  { months, merchants }: Of<'spending_volatility'>,
  savingMinor: bigint,
  figures: Figures,
): Text {
  const { money, month } = figures;
  const [lowest, highest] = [lowestOf(months), highestOf(months)];
  const [least, most] = [money(lowest.totalMinor), money(highest.totalMinor)];
  const mean = money(meanMinor(months));
  return {
    news: say(figures, 'advice.uneven', { least, most }),
    description: say(figures, 'advice.volatility', {
      mean,
      least,
      leastMonth: month(lowest.month),
      most,
      mostMonth: month(highest.month),
      saving: money(savingMinor),
    }),
    actionItems: [say(figures, 'advice.planWith', { mean }), ...whereToLook(months, merchants, figures)],
  };
}

function whereToLook(
  months: readonly MonthEvidence[],
  [largest]: readonly MerchantEvidence[],
  figures: Figures,
): string[] {
  const { month: peak, totalMinor, count } = highestOf(months);
  const month = figures.month(peak);
  const first = say(figures, 'advice.lookAt', { month, spent: figures.money(totalMinor), count });
  if (!largest) return [first];
  return [first, say(figures, 'advice.beginWhere', { merchant: merchantText(largest, figures) })];
}

const merchantText = ({ name, spentMinor }: MerchantEvidence, figures: Figures): string =>
  say(figures, 'advice.merchant', { name: isolatedName(name), spent: figures.money(spentMinor) });

const meanMinor = (months: readonly MonthEvidence[]): bigint =>
  rounded(meanOf(months.map(({ totalMinor }) => BigInt(totalMinor))));

/** `from May 2026 to July 2026`. */
const spanOf = (months: readonly MonthEvidence[], figures: Figures): string =>
  say(figures, 'advice.span', {
    first: figures.month(months.at(0)?.month ?? none.month),
    last: figures.month(months.at(-1)?.month ?? none.month),
  });

const none: MonthEvidence = { month: '1970-01', totalMinor: '0', count: 0 };

const highestOf = (months: readonly MonthEvidence[]): MonthEvidence =>
  months.reduce(
    (one, other) => (BigInt(other.totalMinor) > BigInt(one.totalMinor) ? other : one),
    months[0] ?? none,
  );

const lowestOf = (months: readonly MonthEvidence[]): MonthEvidence =>
  months.reduce(
    (one, other) => (BigInt(other.totalMinor) < BigInt(one.totalMinor) ? other : one),
    months[0] ?? none,
  );
