/**
 * Finds charges far above what a person pays there: by the median and the median absolute deviation of the logarithms of
 * the amounts. As a detector of wrong amounts it is no better than a mean, so it only says what is the largest.
 */
import { minorUnits } from '../../../values/money.ts';
import { byNumber, lowerMedian } from '../median.ts';
import { nameOf } from '../merchant-spending.ts';
import type { Found, Group } from '../recurring.ts';
import { withoutRefunded } from '../recurring.ts';
import type { Anomaly } from './anomaly.ts';

/** The fewest earlier charges to compare with, at the merchant, in the category and of the person. */
const least = { merchant: 4, category: 8, person: 15 } as const;
/** The median absolute deviation of a normal distribution is its standard deviation divided by this. */
const toDeviation = 1.4826;
/** Few charges at one price have no deviation of their own: so many more with this deviation are supposed. */
const supposed = { charges: 4, deviation: 0.4 } as const;
const leastScore = 3.5;
const leastAbove = 20n;
/** Something at half as much again, once paid at the merchant, is no news there. A natural logarithm. */
const alike = Math.log(1.5);

/** `isJudged`: no charge of a stream with a price, and of none that the person ignores. */
type Placed = Found & { merchantKey: string; isJudged: boolean };

/**
 * `priced`: expenses of streams with a price, which are judged by that. `hidden`: those of ignored streams. `from`: number of
 * the first day that is judged.
 */
export function findUnusual(
  groups: readonly Group[],
  { priced, hidden }: { priced: ReadonlySet<string>; hidden: ReadonlySet<string> },
  from: number,
): Anomaly[] {
  const placed = groups.flatMap(({ merchantKey, own }): Placed[] =>
    withoutRefunded(own).map((charge) => ({
      ...charge,
      merchantKey,
      isJudged: !priced.has(charge.expenseId) && !hidden.has(charge.expenseId),
    })),
  );
  return [...Map.groupBy(placed, ({ currency }) => currency).values()].flatMap((own) => {
    const sorted = own.toSorted(byDay);
    return sorted.flatMap((charge, index) =>
      charge.number < from || !charge.isJudged ? [] : (judge(charge, sorted.slice(0, index)) ?? []),
    );
  });
}

const byDay = (one: Placed, other: Placed): number =>
  one.number - other.number || (one.expenseId < other.expenseId ? -1 : 1);

/** `earlier`: the earlier charges in the same currency. A bill may be the largest, but it is no usual charge. */
function judge(charge: Placed, earlier: readonly Placed[]): Anomaly | null {
  const isOfCategory = ({ categoryId }: Placed) => categoryId === charge.categoryId;
  const all = earlier.filter(isOfCategory);
  if (all.some(({ amountMinor }) => amountMinor >= charge.amountMinor)) return null;
  const before = earlier.filter(({ isJudged }) => isJudged);
  const inCategory = before.filter(isOfCategory);
  const atMerchant = before.filter(({ merchantKey }) => merchantKey === charge.merchantKey);
  if (atMerchant.some(({ level }) => charge.level - level < alike)) return null;
  const compared = comparedWith({ merchant: atMerchant, category: inCategory, person: before });
  if (!compared) return null;
  const { score, usual } = scoreOf(charge, compared.charges);
  if (score < leastScore || charge.amountMinor - usual < minorUnits(leastAbove, charge.currency)) return null;
  const { merchantKey, expenseId, categoryId, currency, amountMinor, day } = charge;
  const [first = charge] = all.length > 0 ? all : before;
  return {
    type: 'unusual_amount',
    subject: expenseId,
    expenseId,
    day,
    merchantKey,
    merchant: nameOf([...atMerchant, charge].map((each) => ({ ...each, purchases: 1 }))),
    categoryId,
    currency,
    amountMinor,
    expectedMinor: usual,
    details: { basis: compared.basis, since: first.day },
  };
}

const bases = ['merchant', 'category', 'person'] as const;
type Basis = (typeof bases)[number];

/** The nearest of them with enough charges. */
function comparedWith(
  before: Record<Basis, readonly Placed[]>,
): { basis: Basis; charges: readonly Placed[] } | null {
  const basis = bases.find((each) => before[each].length >= least[each]);
  return basis ? { basis, charges: before[basis] } : null;
}

/** How many deviations of the others the charge lies above their median, on a logarithmic scale. */
export function scoreOf(
  charge: Pick<Found, 'level'>,
  others: readonly Pick<Found, 'level' | 'amountMinor'>[],
): { score: number; usual: bigint } {
  const middle = lowerMedian(others, (one, other) => one.level - other.level);
  const median = middle?.level ?? 0;
  const distances = others.map(({ level }) => Math.abs(level - median));
  const own = toDeviation * (lowerMedian(distances, byNumber) ?? 0);
  const weight = others.length + supposed.charges;
  const variance = (others.length * own ** 2 + supposed.charges * supposed.deviation ** 2) / weight;
  return { score: (charge.level - median) / Math.sqrt(variance), usual: middle?.amountMinor ?? 0n };
}
