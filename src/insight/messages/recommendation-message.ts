/** Renders a recommendation as text. It is rendered when it is read, from the stored figures. */
import { meanOf, rounded } from '../decide/fraction.ts';
import type { Evidence, MerchantEvidence, MonthEvidence } from '../decide/suggestion.ts';
import { amountIn, dayIn, monthIn, numberIn } from '../../values/display.ts';
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
  const { news, ...text } = renderText(facts, new Figures(locale, facts.currency));
  return { title: `${isolatedName(facts.category)}: ${news}`, ...text };
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
  readonly #locale: string;
  readonly #currency: string;

  constructor(locale: string, currency: string) {
    this.#locale = locale;
    this.#currency = currency;
  }

  amount = (minor: bigint | string): string => amountIn(this.#locale, BigInt(minor), this.#currency);
  money = (minor: bigint | string): string => `${this.amount(minor)} ${this.#currency}`;
  count = (value: number): string => numberIn(this.#locale, value);
  day = (day: string): string => dayIn(this.#locale, Temporal.PlainDate.from(day));
  month = (month: string): string => monthIn(this.#locale, Temporal.PlainDate.from(`${month}-01`));
  purchases = (count: number): string => `${this.count(count)} ${count === 1 ? 'purchase' : 'purchases'}`;
}

const othersNamed = 2;

function consolidationText(
  { merchants, targetKey, elsewhereMinor, firstDay, lastDay }: Of<'merchant_consolidation'>,
  savingMinor: bigint,
  { amount, money, count, day }: Figures,
): Text {
  const others = merchants.filter(({ key }) => key !== targetKey);
  const target = merchants.find(({ key }) => key === targetKey);
  const name = isolatedName(target?.name ?? targetKey);
  const inTarget = BigInt(target?.spentMinor ?? 0);
  const total = money(inTarget + BigInt(elsewhereMinor));
  const where = `${count(others.length)} merchants other than ${name}`;
  return {
    news: `about ${money(savingMinor)} a month to save`,
    description: `${amount(elsewhereMinor)} of ${total} went to ${where} from ${day(firstDay)} to ${day(lastDay)}. Where one place has it all, buying there usually saves 3 to 5 %: here about ${money(savingMinor)} a month.`,
    actionItems: [
      ...others
        .slice(0, othersNamed)
        .map((other) => `See whether ${name} has what you get at ${merchantText(other, money)}.`),
      `Ask at ${name} for a loyalty card or a better price: ${money(inTarget)} in 90 days is worth one.`,
    ],
  };
}

/** Spending that more than doubled did not rise gradually. Something new began, and it may be permanent. */
const doubledPct = 100;

function trendText(
  { earlier, recent, merchants, trendPct }: Of<'spending_trend'>,
  savingMinor: bigint,
  figures: Figures,
): Text {
  const { amount, money, count } = figures;
  const [before, now] = [meanMinor(earlier), meanMinor(recent)];
  const target = `${money(before)} a month, as ${spanOf(earlier, figures)}`;
  const look = whereToLook(recent, merchants, figures);
  const text = {
    news: `${count(Math.round(trendPct))} % more a month than before`,
    description: `${money(now)} a month ${spanOf(recent, figures)}, ${amount(before)} a month ${spanOf(earlier, figures)}. Back there, ${money(savingMinor)} a month would be left.`,
  };
  if (trendPct <= doubledPct) return { ...text, actionItems: [`Aim for ${target}.`, ...look] };
  return {
    ...text,
    news: `${amount(now)} a month, ${money(before)} before`,
    actionItems: [
      ...look,
      `If it is there to stay, give it a budget: ${money(now)} a month.`,
      `If it is not, aim for ${target}.`,
    ],
  };
}

function volatilityText(
  { months, merchants }: Of<'spending_volatility'>,
  savingMinor: bigint,
  figures: Figures,
): Text {
  const { amount, money, month } = figures;
  const [least, most] = [lowestOf(months), highestOf(months)];
  const mean = meanMinor(months);
  return {
    news: `from ${amount(least.totalMinor)} to ${money(most.totalMinor)} a month`,
    description: `${money(mean)} a month on average, but ${amount(least.totalMinor)} in ${month(least.month)} and ${amount(most.totalMinor)} in ${month(most.month)}. Without the peaks, about ${money(savingMinor)} a month would be left.`,
    actionItems: [
      `Plan with ${money(mean)} a month, what it comes to on average.`,
      ...whereToLook(months, merchants, figures),
    ],
  };
}

function whereToLook(
  months: readonly MonthEvidence[],
  [largest]: readonly MerchantEvidence[],
  { money, month, purchases }: Figures,
): string[] {
  const { month: peak, totalMinor, count } = highestOf(months);
  const first = `Look at ${month(peak)} first: ${money(totalMinor)} in ${purchases(count)}.`;
  return largest ? [first, `Begin where most goes: ${merchantText(largest, money)}.`] : [first];
}

const merchantText = ({ name, spentMinor }: MerchantEvidence, money: Figures['money']): string =>
  `${isolatedName(name)}, ${money(spentMinor)} in 90 days`;

const meanMinor = (months: readonly MonthEvidence[]): bigint =>
  rounded(meanOf(months.map(({ totalMinor }) => BigInt(totalMinor))));

/** Formats as `from May 2026 to July 2026`. */
function spanOf(months: readonly MonthEvidence[], { month }: Figures): string {
  const names = months.map((each) => month(each.month));
  return `from ${names.at(0)} to ${names.at(-1)}`;
}

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
