/** Formats numbers, money and days in a reader's locale; the text around them is English. */
import { defaultLocale } from './locale.ts';
import { formatAmount, minorDigits } from './money.ts';

/** The person for whom a message is rendered. `locale`: a BCP 47 tag; `today`: their local day, `YYYY-MM-DD`. */
export type Reader = { locale: string; today: string };

/** Formatters are slow to make, and people choose any locale. So this many are cached; then the cache is cleared. */
const keptAtMost = 500;

const dayStyles = {
  day: { day: 'numeric', month: 'long', year: 'numeric' },
  month: { month: 'long', year: 'numeric' },
} as const;

export const numberIn = (locale: string, value: number | bigint): string => numbers(locale, 0).format(value);

/** Formats without the currency: `41230n` of USD is `412.30` in en, `412,30` in de-AT. Exact for any size. */
export function amountIn(locale: string, minor: bigint, currency: string): string {
  // `formatAmount` returns only decimals, though its type is any string.
  const decimal = formatAmount(minor, currency) as Intl.StringNumericLiteral;
  return numbers(locale, minorDigits(currency)).format(decimal);
}

export const dayIn = (locale: string, day: Temporal.PlainDate): string => days(locale, 'day').format(day);

export const monthIn = (locale: string, day: Temporal.PlainDate): string => days(locale, 'month').format(day);

const numbers = kept(
  (locale, digits: number) =>
    new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }),
);

/** Gregorian in every locale, because periods are: a Persian month begins in the middle of a Gregorian one. */
const days = kept(
  (locale, style: keyof typeof dayStyles) =>
    new Intl.DateTimeFormat(locale, { ...dayStyles[style], calendar: 'gregory' }),
);

function kept<Option extends string | number, Formatter>(
  make: (locale: string, option: Option) => Formatter,
): (locale: string, option: Option) => Formatter {
  const formatters = new Map<string, Formatter>();
  return (locale, option) => {
    const key = `${locale} ${option}`;
    const known = formatters.get(key);
    if (known) return known;
    if (formatters.size >= keptAtMost) formatters.clear();
    const made = make(writtenLocale(locale), option);
    formatters.set(key, made);
    return made;
  };
}

/** For an unknown locale `Intl` would use the machine's. */
function writtenLocale(locale: string): string {
  try {
    return Intl.NumberFormat.supportedLocalesOf(locale)[0] ?? defaultLocale;
  } catch {
    return defaultLocale;
  }
}
