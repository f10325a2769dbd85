/** The price of a recurring charge, and its last change. */
import { minorUnits } from '../../values/money.ts';
import { byNumber, lowerMedian } from './median.ts';
import { samePrice } from './recurring-chain.ts';

/**
 * A change of the price. `beforeMinor`: the price before. `charges`: how many had the new price; one may have been an
 * exception, two confirm it. `since`: the place of the first of them.
 */
type PriceChange = { beforeMinor: bigint; charges: number; since: number };

/** `typicalMinor`: the amount to expect. `isVariable`: the amounts have no price, as those of a meter. */
export type Price = { typicalMinor: bigint; isVariable: boolean; change: PriceChange | null };

/** The amount to expect is the median of the last charges. */
const typicalOf = 3;
/** The price before is that of the last charges before the change; a yearly charge is compared with one alone. */
const comparedBefore = 3;
/** From so many moves on it is known what the amount moves anyway. */
const leastMoves = 3;
/** A change is more than so many times what the price moves just before it and after it. */
const timesNoise = 5;

/**
 * `amounts`: minor units of the charges, oldest first, at least one. `isPriced`: they were found by a price. `leastBefore`:
 * so many charges make a price before.
 */
export function priceOf(
  amounts: readonly bigint[],
  { currency, isPriced, leastBefore }: { currency: string; isPriced: boolean; leastBefore: number },
): Price {
  const moves = amounts.slice(1).map((amount, index) => distance(amount, amounts[index] ?? amount));
  const usualMove = moves.length < leastMoves ? 0 : (lowerMedian(moves, byNumber) ?? 0);
  const isVariable = !isPriced || usualMove > samePrice;
  return {
    typicalMinor: medianAmount(amounts.slice(amounts.length < typicalOf ? -1 : -typicalOf)),
    isVariable,
    change: isVariable ? null : lastChange(amounts, currency, leastBefore),
  };
}

/** As levels of charges are compared. */
const distance = (one: bigint, other: bigint): number => Math.abs(Math.log(Number(one) / Number(other)));

const medianAmount = (amounts: readonly bigint[]): bigint =>
  lowerMedian(amounts, (one, other) => (one < other ? -1 : one > other ? 1 : 0)) ?? 0n;

/** Null if all charges had one price, or if nothing is known of the price before. */
function lastChange(amounts: readonly bigint[], currency: string, leastBefore: number): PriceChange | null {
  const last = amounts.at(-1) ?? 0n;
  const since = amounts.findLastIndex((amount) => distance(amount, last) > samePrice) + 1;
  const compared = leastBefore === 1 ? 1 : comparedBefore;
  const before = amounts.slice(Math.max(0, since - compared), since);
  if (before.length < leastBefore) return null;
  const beforeMinor = medianAmount(before);
  const noise = Math.max(
    ...before.map((amount) => distance(amount, beforeMinor)),
    ...amounts.slice(since).map((amount) => distance(amount, last)),
  );
  const isLarge = distance(last, beforeMinor) > Math.max(samePrice, timesNoise * noise);
  if (!isLarge || size(last - beforeMinor) < smallestChange(currency)) return null;
  return { beforeMinor, charges: amounts.length - since, since };
}

const size = (minor: bigint): bigint => (minor < 0n ? -minor : minor);

/** Half a unit of the currency. */
const smallestChange = (currency: string): bigint => minorUnits(1n, currency) / 2n;
