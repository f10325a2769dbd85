/**
 * A reference model of conversion: it tries every pair of stored rates and uses the best. It shares no code with
 * `src` and knows the decimals of the currencies that the tests use.
 */

/** On the day `date`, one unit of `base` is worth `rate` units of `currency`. */
export type ModelRate = { date: string; base: string; currency: string; rate: string };

type Conversion = { from: string; to: string; day: string };

const digits: Readonly<Record<string, number>> = { USD: 2, EUR: 2, GBP: 2, CHF: 2, JPY: 0, KWD: 3 };
/** No rate has more decimals. */
const decimals = 15;

export class ReferenceRates {
  #rates: ModelRate[] = [];

  /** Stores rates; they replace earlier ones of the same day, base and currency. */
  put(rates: readonly ModelRate[]): void {
    const keys = new Set(rates.map(keyOf));
    this.#rates = [...this.#rates.filter((rate) => !keys.has(keyOf(rate))), ...rates];
  }

  /** Converts minor units; returns null if there is no rate. */
  convert(minor: bigint, { from, to, day }: Conversion): bigint | null {
    if (from === to) return minor;
    const inReach = this.#rates.filter(({ date }) => isInReach(date, day));
    const ones = inReach.map(({ date, base }) => ({ date, base, currency: base, rate: '1' }));
    const all = [...inReach, ...ones];
    const pairs = all
      .filter(({ currency }) => currency === from)
      .flatMap((one) =>
        all.filter((other) => isOtherLeg(other, one, to)).map((other) => [one, other] as const),
      );
    const [best] = pairs.sort(([a], [b]) => (rankOf(a, from, to) < rankOf(b, from, to) ? -1 : 1));
    return best ? exchanged(minor, { from, to }, scaled(best[0].rate), scaled(best[1].rate)) : null;
  }
}

const keyOf = ({ date, base, currency }: ModelRate): string => `${date} ${base} ${currency}`;

const isOtherLeg = (other: ModelRate, one: ModelRate, to: string): boolean =>
  other.currency === to && other.date === one.date && other.base === one.base;

const dayNumber = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 86_400_000;

const isInReach = (date: string, day: string): boolean =>
  dayNumber(date) <= dayNumber(day) && dayNumber(day) - dayNumber(date) <= 7;

/** Ranks a rate; the least is best. Newer goes first, then a base in the pair, then the base's name. */
const rankOf = ({ date, base }: ModelRate, from: string, to: string): string =>
  [String(1_000_000 - dayNumber(date)), base === from || base === to ? 0 : 1, base].join(' ');

const scaled = (rate: string): bigint => {
  const [whole = '', fraction = ''] = rate.split('.');
  return BigInt(whole) * 10n ** BigInt(decimals) + BigInt(fraction.padEnd(decimals, '0'));
};

function exchanged(minor: bigint, { from, to }: Omit<Conversion, 'day'>, of: bigint, into: bigint): bigint {
  const numerator = minor * into * 10n ** BigInt(digits[to] ?? 0);
  const denominator = of * 10n ** BigInt(digits[from] ?? 0);
  const whole = numerator / denominator;
  const rest = numerator % denominator;
  const isHalf = (rest < 0n ? -rest : rest) * 2n >= denominator;
  if (!isHalf) return whole;
  return numerator < 0n ? whole - 1n : whole + 1n;
}
