/** Fractions of integers. Figures computed with them are compared exactly and rounded once. */

/** The denominator is positive. */
export type Fraction = { numerator: bigint; denominator: bigint };

const zero: Fraction = { numerator: 0n, denominator: 1n };

export const over = (numerator: bigint, denominator: bigint | number): Fraction => ({
  numerator,
  denominator: BigInt(denominator),
});

/** Halves are rounded away from zero. */
export function rounded({ numerator, denominator }: Fraction): bigint {
  const size = (2n * (numerator < 0n ? -numerator : numerator) + denominator) / (2n * denominator);
  return numerator < 0n ? -size : size;
}

/** Formats with `decimals` decimals, halves away from zero: 2/3 with two is `0.67`. */
export function decimalOf({ numerator, denominator }: Fraction, decimals: number): string {
  const units = rounded({ numerator: numerator * 10n ** BigInt(decimals), denominator });
  const digits = (units < 0n ? -units : units).toString().padStart(decimals + 1, '0');
  const text = decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
  return units < 0n ? `-${text}` : text;
}

/** Reads the output of `decimalOf`. */
export function parseFraction(decimal: string): Fraction {
  const [whole = '0', decimals = ''] = decimal.split('.');
  return over(BigInt(whole + decimals), 10n ** BigInt(decimals.length));
}

/** For figures that are not money. */
export const numberOf = (fraction: Fraction, decimals: number): number =>
  Number(decimalOf(fraction, decimals));

/** `part` as a percentage of `whole`, with one decimal. 0 if `whole` is not positive. */
export function percentageOf(part: Fraction, whole: Fraction): number {
  if (whole.numerator <= 0n) return 0;
  return numberOf(over(100n * part.numerator * whole.denominator, part.denominator * whole.numerator), 1);
}

export const difference = (one: Fraction, other: Fraction): Fraction => ({
  numerator: one.numerator * other.denominator - other.numerator * one.denominator,
  denominator: one.denominator * other.denominator,
});

/** Zero for an empty list. */
export const meanOf = (amounts: readonly bigint[]): Fraction =>
  amounts.length === 0 ? zero : over(sumOf(amounts), amounts.length);

export const sumOf = (amounts: readonly bigint[]): bigint => amounts.reduce((sum, each) => sum + each, 0n);
