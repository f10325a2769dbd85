/** Compares scores of unusual amounts at equal nuisance: ours beside the mean and standard deviation of the category. */
import type { Charge } from '../../../src/insight/decide/recurring.ts';
import { dayNumber } from '../../../src/insight/decide/recurring-schedule.ts';
import { scoreOf } from '../../../src/insight/decide/anomalies/unusual-amount.ts';
import { merchantKeys } from '../../../src/insight/decide/merchant-spending.ts';

export const factors = [3, 5, 10] as const;
const warmUpDays = 120;
const leastCharges = 20;

type Scored = Charge & { number: number; amount: number; level: number; merchantKey: string | null };
type Before = { category: Scored[]; merchant: Scored[]; all: Scored[] };
type Score = (charge: Scored, before: Before) => number;

/** A charge that cannot be judged is never flagged. */
const unknown = Number.NEGATIVE_INFINITY;

const scores: Readonly<Record<string, Score>> = {
  ours(charge, { category, merchant, all }) {
    const others = [merchant, category, all].find((each, index) => each.length >= ([4, 8, 15][index] ?? 0));
    if (!others || category.some(({ amount }) => amount >= charge.amount)) return unknown;
    return scoreOf(charge, others).score;
  },
  'mean of the category'(charge, { category }) {
    if (category.length < 8) return unknown;
    const mean = category.reduce((sum, { amount }) => sum + amount, 0) / category.length;
    const square = category.reduce((sum, { amount }) => sum + (amount - mean) ** 2, 0) / category.length;
    return (charge.amount - mean) / Math.max(1, Math.sqrt(square));
  },
};

/** Shares of injected charges that each score catches, by factor, at `rate` alerts a person and month. */
export function compareScores(
  people: readonly (readonly Charge[])[],
  rate: number,
  chance: () => number,
): Map<string, number[]> {
  const sets = people.flatMap((charges) => placesOf(charges));
  const months = people.reduce((sum, charges) => sum + monthsOf(charges), 0);
  const injected = sets.filter(() => chance() < injectedShare);
  return new Map(
    Object.entries(scores).map(([name, score]) => {
      const natural = sets.map(({ charge, before }) => score(charge, before)).toSorted((a, b) => b - a);
      const limit = natural[Math.floor(rate * months)] ?? 0;
      return [
        name,
        factors.map((factor) => {
          const caught = injected.filter(
            ({ charge, before }) => score(times(charge, factor), before) > limit,
          );
          return caught.length / injected.length;
        }),
      ];
    }),
  );
}

const injectedShare = 0.25;

const times = (charge: Scored, factor: number): Scored => ({
  ...charge,
  amount: charge.amount * factor,
  level: charge.level + Math.log(factor),
});

function placesOf(charges: readonly Charge[]): { charge: Scored; before: Before }[] {
  const keyOf = merchantKeys();
  const own = charges
    .filter(({ amountMinor }) => amountMinor > 0n)
    .map((charge): Scored => ({
      ...charge,
      number: dayNumber(charge.day),
      amount: Number(charge.amountMinor),
      level: Math.log(Number(charge.amountMinor)),
      merchantKey: keyOf(charge),
    }));
  const [first] = own;
  if (!first || own.length < leastCharges) return [];
  return own.flatMap((charge, index) => {
    if (charge.number < first.number + warmUpDays) return [];
    const all = own.slice(0, index);
    const category = all.filter(({ categoryId }) => categoryId === charge.categoryId);
    const merchant = all.filter(({ merchantKey }) => merchantKey === charge.merchantKey);
    return [{ charge, before: { all, category, merchant } }];
  });
}

const daysOfMonth = 30.44;

/** Months after the first days, in which nothing is judged. */
export function monthsOf(charges: readonly Charge[]): number {
  const [first, last] = [charges[0], charges.at(-1)];
  if (!first || !last || charges.length < leastCharges) return 0;
  return Math.max(0, dayNumber(last.day) - dayNumber(first.day) - warmUpDays) / daysOfMonth;
}

/** The first day that is judged. */
export const firstJudged = (charges: readonly Charge[]): number =>
  dayNumber(charges[0]?.day ?? '') + warmUpDays;
