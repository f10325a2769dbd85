/**
 * Rates of exchange: which of the stored ones hold for a day, and what they make of an amount. Exact: all
 * arithmetic is of integers, and an amount is rounded once, to the digits of the currency it is converted to.
 */
import { minorDigits } from './money.ts';

/** A rate stands in for up to so many later days that have none. */
export const rateHoldsDays = 7;

/** `rate`: how many of `currency` one of `base` is worth, a decimal above zero. `date`: a day, `YYYY-MM-DD`. */
export type StoredRate = { date: string; base: string; currency: string; rate: string };

/** Spent on the local `day`, in minor units of `currency`. */
type SpentAmount = { amountMinor: bigint; currency: string; day: string };

/** Both are above zero. */
export type Factor = { numerator: bigint; denominator: bigint };

/** What converts an amount: how many of either currency the base is worth. */
type Legs = { from: Decimal; to: Decimal };
type Decimal = { units: bigint; decimals: number };
type Table = Map<string, Decimal>;

const one: Decimal = { units: 1n, decimals: 0 };

/** One tenant's rates, as many as are needed. */
export class Rates {
  /** By day, then by base; a table holds each currency's rate, the base's own among them. */
  readonly #tables = new Map<string, Map<string, Table>>();
  readonly #found = new Map<string, Legs | null>();

  constructor(stored: Iterable<StoredRate>) {
    for (const { date, base, currency, rate } of stored) {
      const ofDay = this.#tables.get(date) ?? new Map<string, Table>();
      const table = ofDay.get(base) ?? new Map([[base, one]]);
      this.#tables.set(date, ofDay.set(base, table.set(currency, parseDecimal(rate))));
    }
  }

  /**
   * Minor units of `to`, half of one rounded away from zero. Null where no rate holds for the day, or where
   * the rate is such that the amount would not fit into 64 bits.
   */
  convert({ amountMinor, currency, day }: SpentAmount, to: string): bigint | null {
    if (currency === to) return amountMinor;
    const factor = this.factor(currency, day, to);
    if (!factor) return null;
    const converted = divided(amountMinor * factor.numerator, factor.denominator);
    return BigInt.asIntN(64, converted) === converted ? converted : null;
  }

  /** What minor units of `currency` are multiplied by, as a fraction, to be minor units of `to`. */
  factor(currency: string, day: string, to: string): Factor | null {
    const legs = this.#legsOn(day, currency, to);
    return legs && factorOf(legs, minorDigits(currency), minorDigits(to));
  }

  #legsOn(day: string, from: string, to: string): Legs | null {
    const key = `${day} ${from} ${to}`;
    const known = this.#found.get(key);
    if (known !== undefined) return known;
    const found = this.#findLegs(day, from, to);
    this.#found.set(key, found);
    return found;
  }

  /** Both legs are of one table, so that no rate is made of two days: the latest table that has both. */
  #findLegs(day: string, from: string, to: string): Legs | null {
    for (let age = 0; age <= rateHoldsDays; age += 1) {
      const ofDay = this.#tables.get(Temporal.PlainDate.from(day).subtract({ days: age }).toString());
      const legs = ofDay && legsOf(ofDay, from, to);
      if (legs) return legs;
    }
    return null;
  }
}

/** Of several bases one of the two currencies themselves goes first, then the alphabet. */
function legsOf(tables: ReadonlyMap<string, Table>, from: string, to: string): Legs | null {
  const isDirect = ([base]: [string, Table]): boolean => base === from || base === to;
  const sorted = [...tables].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [, table] of [...sorted.filter(isDirect), ...sorted.filter((entry) => !isDirect(entry))]) {
    const legs = { from: table.get(from), to: table.get(to) };
    if (legs.from && legs.to) return { from: legs.from, to: legs.to };
  }
  return null;
}

const power = (exponent: number): bigint => 10n ** BigInt(exponent);

/** 1 / from × to, in minor units. */
const factorOf = ({ from, to }: Legs, fromDigits: number, toDigits: number): Factor => ({
  numerator: to.units * power(from.decimals + toDigits),
  denominator: from.units * power(to.decimals + fromDigits),
});

/** Rounded half away from zero; the divisor is above zero. */
function divided(dividend: bigint, divisor: bigint): bigint {
  const size = (2n * (dividend < 0n ? -dividend : dividend) + divisor) / (2n * divisor);
  return dividend < 0n ? -size : size;
}

function parseDecimal(text: string): Decimal {
  const [whole = '', fraction = ''] = text.split('.');
  return { units: BigInt(whole + fraction), decimals: fraction.length };
}
