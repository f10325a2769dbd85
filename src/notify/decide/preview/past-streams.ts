/**
 * Finds a person's recurring charges again as they looked on each day of the past. A merchant is searched again only when it
 * charged again or a stream there changes by itself. One that charges all the time is searched less often: hardly any of its
 * charges is a bill. Pure but for what it remembers.
 */
import {
  type Charge,
  findStreams,
  firstChargeDay,
  groupCharges,
  type Stream,
} from '../../../insight/decide/recurring.ts';
import { dayNumber } from '../../../insight/decide/recurring-schedule.ts';

/** `before`: how many of the charges lie before the day of the last search. */
type Merchant = {
  charges: readonly Charge[];
  before: number;
  searchedOn: number;
  changesOn: string | null;
  streams: readonly Stream[];
};

/** A merchant is searched once in so many days for each of its charges. */
const daysPerCharge = 0.1;

export class PastStreams {
  readonly #merchants: readonly Merchant[];

  /** `charges`: the person's, in any order. */
  constructor(charges: readonly Charge[]) {
    this.#merchants = groupCharges(charges).map(({ own }) => ({
      charges: own,
      before: 0,
      searchedOn: -Infinity,
      changesOn: null,
      streams: [],
    }));
  }

  /** Those found among the charges before the day. Days are asked for in order. It yields after each search. */
  *on(day: string): Generator<void, Stream[]> {
    for (const merchant of this.#merchants) if (search(merchant, day)) yield;
    return this.#merchants.flatMap(({ streams }) => streams);
  }
}

/** True if the merchant was searched. */
function search(merchant: Merchant, day: string): boolean {
  const { charges, searchedOn, changesOn } = merchant;
  let { before } = merchant;
  while ((charges[before]?.day ?? day) < day) before += 1;
  const isChanged = before > merchant.before || (changesOn !== null && changesOn <= day);
  if (!isChanged || dayNumber(day) - searchedOn < before * daysPerCharge) return false;
  const first = firstChargeDay(day);
  const known = charges.slice(0, before).filter((charge) => charge.day >= first);
  const streams = findStreams(known, day);
  const [next = null] = streams.flatMap((stream) => stream.changesOn ?? []).toSorted();
  Object.assign(merchant, { before, streams, changesOn: next, searchedOn: dayNumber(day) });
  return true;
}
