/**
 * Finds series of charges with even gaps among the charges of one merchant in one currency. A chain is the longest way
 * from charge to charge in which each lies one period behind the one before, or two if one charge was missed.
 */
import {
  type Cadence,
  cadences,
  deviation,
  fitSchedule,
  gapDeviation,
  type Schedule,
  termsOf,
} from './recurring-schedule.ts';

/** `number`: that of the day, by `dayNumber`. `level`: the natural logarithm of the amount, for comparisons alone. */
export type ChainCharge = { number: number; level: number };

/**
 * `members`: indexes of the charges, by day. `missed`: the periods without a charge between them. `isPriced`: each
 * charge has the price of the one before, or a new price; else only the days are regular.
 */
export type Chain = {
  cadence: Cadence;
  isPriced: boolean;
  members: readonly number[];
  missed: number;
  score: number;
  schedule: Schedule;
};

/** Levels so near to each other are one price, about 3 %: rates of exchange and taxes move it a little. */
export const samePrice = 0.03;
/** A larger move is a new price. Beyond the largest step, about twice the price, another series begins. */
const largestDrift = 0.12;
const largestStep = 0.75;
/** So many charges of one price may fall into one period, as of several contracts at one merchant. */
const mostAtATime = 3;
/** A chain longer by one charge is worth these many missed periods, or steps of the price. */
const costs = { missed: 0.5, drift: 0.1, step: 0.6, variable: 0.25, fullDeviation: 0.2 } as const;
/** The schedule is that of the last charges, as the day may have moved before. */
const fittedCharges = 6;
/** More of them are looked at to rule out chance. */
const testedCharges = 12;
const mostByChance = 0.001;
/** At least this share of the periods has a charge, and of the last charges lies near its due day. */
const leastShare = 0.75;
/** At least this share of weekly and fortnightly charges lies exactly on the due day. */
const leastExact = 2 / 3;
/** At most this share of the moves from charge to charge changes the price. */
const mostSteps = 1 / 3;

/** The best of the accepted chains among the charges, which are sorted by day. Null if none of them is regular. */
export function findChain(
  charges: readonly ChainCharge[],
  indexes: readonly number[],
  isAccepted: (chain: Chain) => boolean,
): Chain | null {
  const found = cadences.flatMap((cadence) =>
    [true, false].flatMap((isPriced) => {
      const kind = { cadence, isPriced };
      return longestChain(charges, eligible(charges, indexes, kind), kind) ?? [];
    }),
  );
  found.sort((one, other) => other.score - one.score);
  return found.find((chain) => isRegular(chain, charges) && isAccepted(chain)) ?? null;
}

type Kind = Pick<Chain, 'cadence' | 'isPriced'>;
type Link = { score: number; before: Link | null; index: number; count: number; missed: number };

/** Charges too frequent for the cadence: a chain of them would be a small part, and even by chance. */
function eligible(
  charges: readonly ChainCharge[],
  indexes: readonly number[],
  { cadence, isPriced }: Kind,
): readonly number[] {
  const [first, last] = [charges[indexes[0] ?? -1], charges[indexes.at(-1) ?? -1]];
  const days = (last?.number ?? 0) - (first?.number ?? 0);
  const most = (days / usualDays[cadence] + 1) * mostAtATime;
  if (indexes.length <= most) return indexes;
  if (!isPriced) return [];
  const levels = indexes.map((index) => charges[index]?.level ?? 0).toSorted((one, other) => one - other);
  return indexes.filter((index) => {
    const level = charges[index]?.level ?? 0;
    return countBelow(levels, level + samePrice) - countBelow(levels, level - samePrice) <= most;
  });
}

/** `levels` in order. */
function countBelow(levels: readonly number[], limit: number): number {
  let [low, high] = [0, levels.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((levels[middle] ?? 0) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Null if the best has too few charges. */
function longestChain(charges: readonly ChainCharge[], indexes: readonly number[], kind: Kind): Chain | null {
  const links: Link[] = [];
  let best: Link | null = null;
  for (const index of indexes) {
    const link = bestLink(links, index, charges, kind);
    links.push(link);
    if (!best || link.score >= best.score) best = link;
  }
  const { fixed, variable } = termsOf[kind.cadence];
  if (!best || best.count < (kind.isPriced ? fixed : variable)) return null;
  const members = membersOf(best);
  const days = members.slice(-fittedCharges).map((index) => charges[index]?.number ?? 0);
  const schedule = fitSchedule(kind.cadence, days);
  return { ...kind, members, missed: best.missed, score: best.score, schedule };
}

function membersOf(last: Link): number[] {
  const members: number[] = [];
  for (let link: Link | null = last; link; link = link.before) members.push(link.index);
  return members.toReversed();
}

function bestLink(
  links: readonly Link[],
  index: number,
  charges: readonly ChainCharge[],
  { cadence, isPriced }: Kind,
): Link {
  let best: Link = { score: 1, before: null, index, count: 1, missed: 0 };
  const charge = charges[index];
  if (!charge) return best;
  const longestGap = mostPeriods * usualDays[cadence] + termsOf[cadence].toleranceDays + slackDays;
  for (let at = links.length - 1; at >= 0; at--) {
    const link = links[at];
    const before = link && charges[link.index];
    if (!before || charge.number - before.number > longestGap) break;
    if (link.score + 1 <= best.score) continue;
    const price = priceCost(Math.abs(charge.level - before.level), isPriced);
    if (price === Infinity) continue;
    const gap = gapBetween(cadence, before.number, charge.number);
    if (!gap || link.score + 1 - gap.cost - price <= best.score) continue;
    const score = link.score + 1 - gap.cost - price;
    best = { score, before: link, index, count: link.count + 1, missed: link.missed + gap.missed };
  }
  return best;
}

/** The mean length of a period. */
export const usualDays: Readonly<Record<Cadence, number>> = {
  weekly: 7,
  fortnightly: 14,
  monthly: 30.44,
  quarterly: 91.31,
  yearly: 365.25,
};
/** Months and quarters differ from the usual by less. */
const slackDays = 3;
/** One charge may be missed between two. */
const mostPeriods = 2;

/** Null if the days lie neither one nor two periods apart. */
function gapBetween(
  cadence: Cadence,
  earlier: number,
  later: number,
): { missed: number; cost: number } | null {
  const { toleranceDays } = termsOf[cadence];
  const gap = later - earlier;
  const periods = Math.round(gap / usualDays[cadence]);
  if (periods < 1 || periods > mostPeriods) return null;
  if (Math.abs(gap - periods * usualDays[cadence]) > toleranceDays + slackDays) return null;
  const off = gapDeviation(cadence, earlier, later, periods);
  const missed = periods - 1;
  if (off > toleranceDays) return null;
  return { missed, cost: missed * costs.missed + (costs.fullDeviation * off) / toleranceDays };
}

/** Infinite for a step that is too large. */
function priceCost(distance: number, isPriced: boolean): number {
  if (!isPriced) return costs.variable;
  if (distance <= samePrice) return 0;
  if (distance <= largestDrift) return costs.drift;
  return distance <= largestStep ? costs.step : Infinity;
}

/**
 * True if charges on days by chance, `among` in the time of the chain, would hardly make it: each period would have one
 * so near to its due day. Every day of the period could have been the first. So could each of so many `prices`.
 */
export function isBeyondChance(
  chain: Chain,
  charges: readonly ChainCharge[],
  { among, prices = 1 }: { among: number; prices?: number },
): boolean {
  const days = chain.members.map((index) => charges[index]?.number ?? 0);
  const latest = days.slice(-testedCharges);
  const off = Math.max(...latest.map((day) => deviation(chain.schedule, day)));
  const width = 2 * off + 1;
  const time = (days.at(-1) ?? 0) - (days[0] ?? 0) + 1;
  const chance = 1 - Math.exp((-among / time) * width);
  const starts = Math.max(1, usualDays[chain.cadence] / width);
  return starts * prices * chance ** (latest.length - 1) < mostByChance;
}

function isRegular(chain: Chain, charges: readonly ChainCharge[]): boolean {
  const { cadence, members, missed, schedule } = chain;
  const gaps = members.length - 1;
  if (gaps / (gaps + missed) < leastShare) return false;
  const { unit, toleranceDays } = termsOf[cadence];
  if (chain.isPriced && !hasPrice(chain, charges)) return false;
  const off = members.slice(-fittedCharges).map((index) => deviation(schedule, charges[index]?.number ?? 0));
  const share = (atMost: number) => off.filter((days) => days <= atMost).length / off.length;
  return share(toleranceDays) >= leastShare && (unit === 'months' || share(0) >= leastExact);
}

/** The price moves seldom. Between the few bills of a quarter or a year it may drift. */
function hasPrice({ cadence, members }: Chain, charges: readonly ChainCharge[]): boolean {
  const levels = members.map((index) => charges[index]?.level ?? 0);
  const moves = levels.slice(1).map((level, index) => Math.abs(level - (levels[index] ?? level)));
  moves.sort((one, other) => one - other);
  const steps = moves.filter((move) => move > largestDrift).length;
  const mayDrift = cadence === 'quarterly' || cadence === 'yearly';
  const usualMove = moves[Math.floor(moves.length / 2)] ?? 0;
  return steps <= Math.floor(moves.length * mostSteps) && (mayDrift || usualMove <= samePrice);
}
