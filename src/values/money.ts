/**
 * Money: integer minor units (`bigint`) beside an ISO 4217 currency. The digits of a currency come from the
 * standard's table. `Intl` has other digits for HUF, IQD and others.
 */
import currencyCodes from 'currency-codes';

/** The most digits an amount may have, before and after the point together. */
const maxAmountDigits = 15;
/** The most digits of minor units that always fit 64 bits. */
const maxMinorDigits = 18;

const digitsOf = new Map(currencyCodes.data.map((entry) => [entry.code, entry.digits]));

export const isCurrency = (code: string): boolean => digitsOf.has(code);

/** The minor digits of an ISO 4217 currency; throws `RangeError` for a code that the standard does not list. */
export function minorDigits(currency: string): number {
  const digits = digitsOf.get(currency);
  if (digits === undefined) throw new RangeError(`${currency} is not an ISO 4217 currency`);
  return digits;
}

/** So many whole units of the currency, in its minor units. */
export const minorUnits = (count: bigint, currency: string): bigint =>
  count * 10n ** BigInt(minorDigits(currency));

const decimal = /^(-?)(\d+)(?:\.(\d+))?$/;

export type ParsedAmount = { ok: true; minor: bigint } | { ok: false; message: string };

/** Parses a decimal string ("-42.10") as minor units of `currency`, or returns a message about the error. */
export function parseAmount(text: string, currency: string): ParsedAmount {
  const match = decimal.exec(text);
  if (!match) return refused('must be a decimal number in a string, like "42.10"');
  const [, sign = '', whole = '', fraction = ''] = match;
  const digits = minorDigits(currency);
  if (fraction.length > digits) return refused(`must have at most ${digits} decimals in ${currency}`);
  if (whole.length + fraction.length > maxAmountDigits)
    return refused(`must have at most ${maxAmountDigits} digits`);
  if (whole.length + digits > maxMinorDigits)
    return refused(`must have at most ${maxMinorDigits - digits} digits before the point in ${currency}`);
  return { ok: true, minor: BigInt(`${sign}${whole}${fraction.padEnd(digits, '0')}`) };
}

const refused = (message: string): ParsedAmount => ({ ok: false, message });

/** Formats minor units as a decimal string with exactly the currency's digits: `4210n, 'USD'` → `"42.10"`. */
export function formatAmount(minor: bigint, currency: string): string {
  const digits = minorDigits(currency);
  const sign = minor < 0n ? '-' : '';
  const text = (minor < 0n ? -minor : minor).toString().padStart(digits + 1, '0');
  return digits === 0 ? sign + text : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}
