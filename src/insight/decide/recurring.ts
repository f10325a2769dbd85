/**
 * Finds the recurring charges among a person's expenses: rent, subscriptions, insurance, bills of a meter. A stream is
 * a chain of charges at one merchant in one currency with even gaps, at one price or at any.
 */
import type { MerchantRef } from '../../alerts/decide/apply-events.ts';
import { merchantKeys, nameOf } from './merchant-spending.ts';
import { type Chain, findChain, isBeyondChance, samePrice, usualDays } from './recurring-chain.ts';
import { type Price, priceOf } from './recurring-price.ts';
import { type Cadence, dayNumber, dayText, type Schedule, termsOf } from './recurring-schedule.ts';
import { standingOf, type StreamState } from './recurring-standing.ts';

/** An expense that may recur. Amounts below 0 are refunds. */
export type Charge = {
  expenseId: string;
  categoryId: string;
  merchant: string | null;
  merchantRef: MerchantRef | null;
  day: string;
  amountMinor: bigint;
  currency: string;
};

/**
 * `merchantKey`: the merchant's identity in comparisons. `nextDay`: the day on which the next charge is due, null once
 * it has ended. `missedDay`: the last due day without a charge. `doubled`: the last charge that came twice.
 * `changesOn`: the day on which the state changes if no charge comes. `expenseIds`: its charges, oldest first.
 */
export type Stream = {
  merchantKey: string;
  merchant: string;
  categoryId: string;
  currency: string;
  cadence: Cadence;
  schedule: Schedule;
  state: StreamState;
  isVariable: boolean;
  amountMinor: bigint;
  lastAmountMinor: bigint;
  priceChange: { beforeMinor: bigint; charges: number; since: string } | null;
  occurrences: number;
  firstDay: string;
  lastDay: string;
  nextDay: string | null;
  missedDay: string | null;
  doubled: { day: string; expenseId: string } | null;
  changesOn: string | null;
  expenseIds: readonly string[];
};

/** Months before the current one that are read: two years, and a yearly charge that comes late. */
const monthsRead = 25;

/** The first local day whose expenses count for streams found on the day `today`. */
export const firstChargeDay = (today: string): string =>
  Temporal.PlainDate.from(today).subtract({ months: monthsRead }).toString();

/** The latest charges at a merchant that are searched. With more, hardly anything there is a bill. */
const searchedCharges = 300;
const mostStreams = 6;
/** A refund returns a charge of the same amount that is at most this old. */
const refundedWithinDays = 60;
/** A second charge of the same amount is a double one within so many days. */
const doubledWithinDays = 3;
/**
 * `all`: a stream of so large a share of the merchant's charges is hardly made by chance. `price`: with that share of the
 * charges at its prices, chance is judged by how rare such prices are there, else by all charges that have them.
 */
const leastCovered = { price: 0.7, all: 0.75 } as const;
/** Others count from so many periods before the stream until as many after it, since a contract may follow another. */
const periodsAround = 3;

/** `number`: that of the day. `level`: the natural logarithm of the amount, for comparisons alone. */
export type Found = Charge & { number: number; level: number };
export type Group = { merchantKey: string; own: Found[] };

/** `charges`: the person's, in any order, from `firstChargeDay(today)` to `today`. */
export function findStreams(charges: readonly Charge[], today: string): Stream[] {
  return groupCharges(charges).flatMap(({ merchantKey, own }) => {
    const kept = withoutRefunded(own).slice(-searchedCharges);
    const chains = joinChains(findChains(kept), kept);
    const left = without(kept, chains);
    return chains.map((chain) => toStream({ chain, kept, left }, merchantKey, today));
  });
}

/** By merchant and currency, sorted by day. A name that came with one id alone stands for it. */
export function groupCharges(charges: readonly Charge[]): Group[] {
  const keyOf = merchantKeys();
  const idsByName = new Map<string | null, Set<string | null>>();
  for (const charge of charges.filter(({ merchantRef }) => merchantRef !== null)) {
    const name = keyOf({ merchant: charge.merchant, merchantRef: null });
    const known = idsByName.get(name) ?? new Set();
    idsByName.set(name, known.add(keyOf(charge)));
  }
  const idOf = (charge: Charge): string | null => {
    const key = keyOf(charge);
    if (charge.merchantRef || key === null) return key;
    const known = idsByName.get(key);
    const [only = key] = known ?? [];
    return known?.size === 1 ? only : key;
  };
  const found = charges.map((each) => ({
    ...each,
    number: dayNumber(each.day),
    level: Math.log(Number(each.amountMinor)),
  }));
  found.sort((one, other) => one.number - other.number || (one.expenseId < other.expenseId ? -1 : 1));
  const byKey = Map.groupBy(found, (charge) => idOf(charge));
  return [...byKey].flatMap(([merchantKey, all]) =>
    merchantKey === null
      ? []
      : [...Map.groupBy(all, ({ currency }) => currency).values()].map((own) => ({ merchantKey, own })),
  );
}

/** Leaves out refunds, and for each the latest charge of its amount before it. */
export function withoutRefunded(charges: readonly Found[]): Found[] {
  const kept: Found[] = [];
  for (const charge of charges) {
    if (charge.amountMinor > 0n) kept.push(charge);
    if (charge.amountMinor >= 0n) continue;
    const at = kept.findLastIndex(({ amountMinor }) => amountMinor === -charge.amountMinor);
    const returned = kept[at];
    if (returned && charge.number - returned.number <= refundedWithinDays) kept.splice(at, 1);
  }
  return kept;
}

/** The best chain, the best of the charges that it leaves, and so on. */
function findChains(charges: readonly Found[]): Chain[] {
  const chains: Chain[] = [];
  let rest = charges.map((_, index) => index);
  while (chains.length < mostStreams && rest.length > 1) {
    const chain = findChain(charges, rest, (chain) => isAccepted(chain, charges, rest));
    if (!chain) break;
    chains.push(chain);
    const taken = new Set(chain.members);
    rest = rest.filter((index) => !taken.has(index));
  }
  return chains;
}

/** `rest`: places of the charges that are in no other stream. */
function isAccepted(chain: Chain, charges: readonly Found[], rest: readonly number[]): boolean {
  const { members, isPriced, cadence } = chain;
  const own = members.flatMap((index) => charges[index] ?? []);
  const [first, last] = [own[0]?.number ?? 0, own.at(-1)?.number ?? 0];
  const margin = periodsAround * usualDays[cadence];
  const near = rest
    .flatMap((index) => charges[index] ?? [])
    .filter(({ number }) => first - margin <= number && number <= last + margin);
  const isMost = own.length / near.length >= leastCovered.all;
  if (own.length < 3 || (isMost && isPriced)) return isMost;
  const inTime = near.filter(({ number }) => first <= number && number <= last);
  if (!isPriced) return isBeyondChance(chain, charges, { among: inTime.length });
  const rivals = near.filter(isAtPrice(own));
  const among = atPriceByChance(own, inTime);
  if (own.length / rivals.length >= leastCovered.price)
    return isBeyondChance(chain, charges, { among, prices: inTime.length });
  return isBeyondChance(chain, charges, { among: inTime.filter(isAtPrice(own)).length });
}

/** Prices within this distance, on a logarithmic scale, say how many of the merchant's charges have such a price anyway. */
const priceNeighbours = 0.25;
/** Two prices to the cent have some distance too. */
const leastRange = 0.005;

/** How many of the charges `among` would have the prices of `own` by chance. */
function atPriceByChance(own: readonly Found[], among: readonly Found[]): number {
  const levels = own.map(({ level }) => level);
  const [lowest, highest] = [Math.min(...levels), Math.max(...levels)];
  const from = lowest - priceNeighbours;
  const to = highest + priceNeighbours;
  const neighbours = among.filter(({ level }) => from <= level && level <= to).length;
  return neighbours * Math.min(1, (highest - lowest + leastRange) / (to - from));
}

function isAtPrice(own: readonly Found[]): (charge: Found) => boolean {
  const levels = own.map(({ level }) => level);
  const [lowest, highest] = [Math.min(...levels) - samePrice, Math.max(...levels) + samePrice];
  return ({ level }) => lowest <= level && level <= highest;
}

/** A chain that begins when another of its cadence has ended goes on with it: it paused, or its day moved. */
function joinChains(chains: readonly Chain[], charges: readonly Found[]): Chain[] {
  const dayAt = (index: number | undefined) => charges[index ?? -1]?.number ?? 0;
  const joined: Chain[] = [];
  for (const chain of chains.toSorted((one, other) => dayAt(one.members[0]) - dayAt(other.members[0]))) {
    const at = joined.findLastIndex(
      ({ cadence, members }) => cadence === chain.cadence && dayAt(members.at(-1)) < dayAt(chain.members[0]),
    );
    const before = joined[at];
    if (before) joined[at] = { ...chain, members: [...before.members, ...chain.members] };
    else joined.push(chain);
  }
  return joined;
}

function without(charges: readonly Found[], chains: readonly Chain[]): Found[] {
  const taken = new Set(chains.flatMap(({ members }) => members));
  return charges.filter((_, index) => !taken.has(index));
}

type Placed = { chain: Chain; kept: readonly Found[]; left: readonly Found[] };

function toStream({ chain, kept, left }: Placed, merchantKey: string, today: string): Stream {
  const own = chain.members.flatMap((index) => kept[index] ?? []);
  const [first, last] = [own[0], own.at(-1)];
  if (!first || !last) throw new Error('a chain has no charges');
  const { cadence, schedule } = chain;
  const { sure, priceBefore } = termsOf[cadence];
  const price = priceOf(
    own.map(({ amountMinor }) => amountMinor),
    { currency: last.currency, isPriced: chain.isPriced, leastBefore: priceBefore },
  );
  const isSure = !chain.isPriced || own.length >= sure;
  const days = own.map(({ number }) => number);
  return {
    merchantKey,
    merchant: nameOf(own.map((each) => ({ ...each, purchases: 1 }))),
    categoryId: last.categoryId,
    currency: last.currency,
    cadence,
    schedule,
    isVariable: price.isVariable,
    amountMinor: price.typicalMinor,
    lastAmountMinor: last.amountMinor,
    priceChange: changeOf(price, own),
    occurrences: own.length,
    firstDay: first.day,
    lastDay: last.day,
    doubled: lastDoubled(own, left),
    expenseIds: own.map(({ expenseId }) => expenseId),
    ...standingOf({ cadence, schedule, days, isSure }, dayNumber(today)),
  };
}

const changeOf = ({ change }: Price, own: readonly Found[]): Stream['priceChange'] =>
  change && { ...change, since: own[change.since]?.day ?? '' };

/** The last charge of a stream's amount that is in no stream and lies beside a charge of it. */
function lastDoubled(own: readonly Found[], left: readonly Found[]): Stream['doubled'] {
  const doubled = left.findLast(({ amountMinor, number }) =>
    own.some(
      (each) => each.amountMinor === amountMinor && Math.abs(each.number - number) <= doubledWithinDays,
    ),
  );
  return doubled ? { day: dayText(doubled.number), expenseId: doubled.expenseId } : null;
}
