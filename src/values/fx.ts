/**
 * Exchange rates: finds the stored rates that hold for a day, and converts amounts. All arithmetic is on integers. An
 * amount is rounded once, to the digits of the target currency.
 */
import { minorDigits } from './money.ts';

/** A rate also holds for up to this many later days without a rate. */
export const rateHoldsDays = 7;

/** A decimal above zero, of at most 15 digits. */
export const ratePattern = String.raw`^(?=(?:\d\.?){1,15}$)(?=.*[1-9])\d+(?:\.\d+)?$`;
const rateShape = new RegExp(ratePattern);

export const isRate = (text: string): boolean => rateShape.test(text);

/** True for a day, `YYYY-MM-DD`, that an expense may have: from 1900 to 2199. */
export function isRateDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || text < '1900-01-01' || text >= '2200-01-01') return false;
  try {
    Temporal.PlainDate.from(text, { overflow: 'reject' });
    return true;
  } catch {
    return false;
  }
}

/** `rate`: units of `currency` for one unit of `base`, a decimal above zero. `date`: a day, `YYYY-MM-DD`. */
export type StoredRate = { date: string; base: string; currency: string; rate: string };

/** An amount spent on the local `day`, in minor units of `currency`. */
type SpentAmount = { amountMinor: bigint; currency: string; day: string };

/** A fraction; both parts are above zero. */
export type Factor = { numerator: bigint; denominator: bigint };

/** The two rates of a conversion: units of either currency for one unit of the same base. */
type Legs = { from: Decimal; to: Decimal };
type Decimal = { units: bigint; decimals: number };
type Table = Map<string, Decimal>;

const one: Decimal = { units: 1n, decimals: 0 };

/** The rates of one tenant that are needed. */
export class Rates {
  /** By day, then by base. A table has the rate of each currency, including the base's own. */
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
   * Converts to minor units of `to`, rounded half away from zero. Null if no rate holds for the day, or if the result
   * does not fit 64 bits.
   */
  convert({ amountMinor, currency, day }: SpentAmount, to: string): bigint | null {
    if (currency === to) return amountMinor;
    const factor = this.factor(currency, day, to);
    if (!factor) return null;
    const converted = divided(amountMinor * factor.numerator, factor.denominator);
    return BigInt.asIntN(64, converted) === converted ? converted : null;
  }

  /** The fraction by which minor units of `currency` are multiplied to get minor units of `to`. */
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

  /** Takes both legs from one table, the latest that has both, so that no rate mixes two days. */
  #findLegs(day: string, from: string, to: string): Legs | null {
    for (let age = 0; age <= rateHoldsDays; age += 1) {
      const ofDay = this.#tables.get(Temporal.PlainDate.from(day).subtract({ days: age }).toString());
      const legs = ofDay && legsOf(ofDay, from, to);
      if (legs) return legs;
    }
    return null;
  }
}

/** If there are several bases, one of the two currencies comes first, then alphabetical order. */
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

/** (1 / from) × to, in minor units. */
const factorOf = ({ from, to }: Legs, fromDigits: number, toDigits: number): Factor => ({
  numerator: to.units * power(from.decimals + toDigits),
  denominator: from.units * power(to.decimals + fromDigits),
});

/** Divides and rounds half away from zero; the divisor is above zero. */
function divided(dividend: bigint, divisor: bigint): bigint {
  const size = (2n * (dividend < 0n ? -dividend : dividend) + divisor) / (2n * divisor);
  return dividend < 0n ? -size : size;
}

function parseDecimal(text: string): Decimal {
  const [whole = '', fraction = ''] = text.split('.');
  return { units: BigInt(whole + fraction), decimals: fraction.length };
}
