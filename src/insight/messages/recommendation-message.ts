/** A recommendation in words: made when it is read, out of the figures that are kept of it. */
import { meanOf, rounded } from '../decide/fraction.ts';
import type { Evidence, MerchantEvidence, MonthEvidence } from '../decide/suggestion.ts';
import { amountIn, dayIn, monthIn, numberIn } from '../../values/display.ts';
import { isolatedName } from '../../values/display-name.ts';

/** `category`: its name, else its id. */
export type RecommendationFacts = {
  category: string;
  currency: string;
  savingMinor: bigint;
  evidence: Evidence;
};

export type RecommendationMessage = { title: string; description: string; actionItems: string[] };

type Words = Omit<RecommendationMessage, 'title'> & { news: string };
type Of<Type extends Evidence['type']> = Extract<Evidence, { type: Type }>;

/** `locale`: a BCP 47 tag. */
export function recommendationMessage(facts: RecommendationFacts, locale: string): RecommendationMessage {
  const { news, ...words } = wordsOf(facts, new Figures(locale, facts.currency));
  return { title: `${isolatedName(facts.category)}: ${news}`, ...words };
}

function wordsOf({ evidence, savingMinor }: RecommendationFacts, figures: Figures): Words {
  switch (evidence.type) {
    case 'merchant_consolidation':
      return consolidationWords(evidence, savingMinor, figures);
    case 'spending_trend':
      return trendWords(evidence, savingMinor, figures);
    case 'spending_volatility':
      return volatilityWords(evidence, savingMinor, figures);
  }
}

/** Numbers as one reader writes them. */
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

function consolidationWords(
  { merchants, targetKey, elsewhereMinor, firstDay, lastDay }: Of<'merchant_consolidation'>,
  savingMinor: bigint,
  { amount, money, count, day }: Figures,
): Words {
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
        .map((other) => `See whether ${name} has what you get at ${merchantWords(other, money)}.`),
      `Ask at ${name} for a loyalty card or a better price: ${money(inTarget)} in 90 days is worth one.`,
    ],
  };
}

/** What more than doubled has not crept up: something began, which may be there to stay. */
const doubledPct = 100;

function trendWords(
  { earlier, recent, merchants, trendPct }: Of<'spending_trend'>,
  savingMinor: bigint,
  figures: Figures,
): Words {
  const { amount, money, count } = figures;
  const [before, now] = [meanMinor(earlier), meanMinor(recent)];
  const target = `${money(before)} a month, as ${spanOf(earlier, figures)}`;
  const look = whereToLook(recent, merchants, figures);
  const words = {
    news: `${count(Math.round(trendPct))} % more a month than before`,
    description: `${money(now)} a month ${spanOf(recent, figures)}, ${amount(before)} a month ${spanOf(earlier, figures)}. Back there, ${money(savingMinor)} a month would be left.`,
  };
  if (trendPct <= doubledPct) return { ...words, actionItems: [`Aim for ${target}.`, ...look] };
  return {
    ...words,
    news: `${amount(now)} a month, ${money(before)} before`,
    actionItems: [
      ...look,
      `If it is there to stay, give it a budget: ${money(now)} a month.`,
      `If it is not, aim for ${target}.`,
    ],
  };
}

function volatilityWords(
  { months, merchants }: Of<'spending_volatility'>,
  savingMinor: bigint,
  figures: Figures,
): Words {
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
  return largest ? [first, `Begin where most goes: ${merchantWords(largest, money)}.`] : [first];
}

const merchantWords = ({ name, spentMinor }: MerchantEvidence, money: Figures['money']): string =>
  `${isolatedName(name)}, ${money(spentMinor)} in 90 days`;

const meanMinor = (months: readonly MonthEvidence[]): bigint =>
  rounded(meanOf(months.map(({ totalMinor }) => BigInt(totalMinor))));

/** `from May 2026 to July 2026`. */
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
