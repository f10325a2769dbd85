/** Formats figures in a reader's locale: numbers, percentages, money and days. The words are the catalogue's. */
import { isolated } from './display-name.ts';
import { defaultLocale } from './locale.ts';
import { formatAmount } from './money.ts';
import { remember } from './remember.ts';

/**
 * The person for whom a message is rendered. `locale`: a BCP 47 tag; `today`: their local day, `YYYY-MM-DD`;
 * `plainSigns`: write a currency by its code where its sign would make an SMS longer.
 */
export type Reader = { locale: string; today: string; plainSigns?: boolean };
/** For texts that do not depend on the day. */
export type InLocale = Pick<Reader, 'locale'>;
/** For texts with times of day, which are local. */
export type InZone = InLocale & { timeZone: string };
type MoneyReader = Pick<Reader, 'locale' | 'plainSigns'>;

/** Formatters are slow to make, and people choose any locale. */
const keptAtMost = 500;

export const numberIn = (locale: string, value: number | bigint): string => numbers(locale).format(value);

/** `103n` is `103%` in en and `103 %` in de. Exact for any size. */
export const percentIn = (locale: string, percent: number | bigint): string =>
  // A whole number and an exponent.
  percents(locale).format(`${percent}e-2` as Intl.StringNumericLiteral);

/**
 * Money as people write it: `41230n` of USD is `$412.30` in en, `412,30 $` in de and `US$412.30` in en-CA. The digits are
 * the standard's. Exact for any size. Throws `RangeError` for an unknown currency.
 */
export const moneyIn = (reader: MoneyReader, minor: bigint, currency: string): string =>
  writtenMoney(reader, formatAmount(minor, currency), currency, 'all');

/**
 * Rounded to two significant digits, without decimals where they are zero: `974n` of USD is `$9.70`, and `$9.80` if it is
 * rounded up.
 */
export function roundMoneyIn(
  reader: MoneyReader,
  minor: bigint,
  currency: string,
  towards: 'down' | 'up' = 'down',
): string {
  const unit = 10n ** BigInt(Math.max(0, String(minor).length - 2));
  const rounded = ((minor + (towards === 'up' && minor > 0n ? unit - 1n : 0n)) / unit) * unit;
  return writtenMoney(reader, formatAmount(rounded, currency), currency, 'needed');
}

/** `needed`: no decimals where they are zero. */
type Decimals = 'all' | 'needed';

function writtenMoney(
  { locale, plainSigns = false }: MoneyReader,
  amount: string,
  currency: string,
  decimals: Decimals,
): string {
  const withSign = formatMoney(locale, amount, currency, signOf(currency), decimals);
  const needsCode = plainSigns && !isPlain(withSign);
  return isolated(needsCode ? formatMoney(locale, amount, currency, 'code', decimals) : withSign);
}

type Sign = 'code' | 'symbol' | 'narrowSymbol';

const formatMoney = (locale: string, amount: string, currency: string, sign: Sign, decimals: Decimals) => {
  const digits = amount.split('.')[1]?.length ?? 0;
  // `formatAmount` returns only decimals, though its type is any string.
  return amounts(locale, currency, sign, String(digits), decimals).format(
    amount as Intl.StringNumericLiteral,
  );
};

/** The signs that leave room for 160 characters in an SMS. Its spaces and marks are replaced. */
const isPlain = (text: string): boolean =>
  /^[\u0020-\u007e\p{Zs}\u061c\u200e\u200f\u2212£¥￥€]*$/u.test(text);

/**
 * Locales write most currencies in a way that means one alone: `$` and `CA$` in en. The narrow sign is taken only where it
 * is a currency sign that no other currency has: `₺`, but not `kr`.
 */
const signOf = (currency: string): Sign => (signsOfOne().has(currency) ? 'narrowSymbol' : 'symbol');

const signsOfOne = remember(1, () => {
  const written = Intl.supportedValuesOf('currency').map((currency) => ({
    currency,
    sign: narrowSign(currency),
  }));
  const alone = [...Map.groupBy(written, ({ sign }) => sign).values()].filter(({ length }) => length === 1);
  return new Set(alone.flat().flatMap(({ currency, sign }) => (/^\p{Sc}$/u.test(sign) ? [currency] : [])));
});

const narrowSign = (currency: string): string =>
  new Intl.NumberFormat(defaultLocale, { style: 'currency', currency, currencyDisplay: 'narrowSymbol' })
    .formatToParts(0)
    .find(({ type }) => type === 'currency')?.value ?? currency;

export const dayIn = (locale: string, day: Temporal.PlainDate): string => days(locale, 'day').format(day);

/** `Fri, Nov 28`. */
export const shortDayIn = (locale: string, day: Temporal.PlainDate): string =>
  days(locale, 'shortDay').format(day);

export const monthIn = (locale: string, day: Temporal.PlainDate): string => days(locale, 'month').format(day);

export const yearIn = (locale: string, day: Temporal.PlainDate): string => days(locale, 'year').format(day);

/** `October 19 – 25, 2026`. Both days are included. */
export const spanIn = (locale: string, first: Temporal.PlainDate, last: Temporal.PlainDate): string =>
  days(locale, 'day').formatRange(first, last);

/** The local day and time of an instant: `November 21, 2026 at 8:00 AM`. */
export const timeIn = (locale: string, at: Temporal.Instant, timeZone: string): string =>
  days(locale, 'time').format(at.toZonedDateTimeISO(timeZone).toPlainDateTime());

const numbers = remember(
  keptAtMost,
  (locale: string) => new Intl.NumberFormat(written(locale), { maximumFractionDigits: 0 }),
);

const percents = remember(
  keptAtMost,
  (locale: string) => new Intl.NumberFormat(written(locale), { style: 'percent', maximumFractionDigits: 0 }),
);

const amounts = remember(
  keptAtMost,
  (locale: string, currency: string, sign: Sign, digits: string, decimals: Decimals) =>
    new Intl.NumberFormat(written(locale), {
      style: 'currency',
      currency,
      currencyDisplay: sign,
      minimumFractionDigits: Number(digits),
      maximumFractionDigits: Number(digits),
      trailingZeroDisplay: decimals === 'needed' ? 'stripIfInteger' : 'auto',
    }),
);

const dayStyles = {
  day: { day: 'numeric', month: 'long', year: 'numeric' },
  shortDay: { weekday: 'short', day: 'numeric', month: 'short' },
  month: { month: 'long', year: 'numeric' },
  year: { year: 'numeric' },
  time: { dateStyle: 'long', timeStyle: 'short' },
} as const;

/** Gregorian in every locale, because periods are: a Persian month begins in the middle of a Gregorian one. */
const days = remember(
  keptAtMost,
  (locale: string, style: keyof typeof dayStyles) =>
    new Intl.DateTimeFormat(written(locale), { ...dayStyles[style], calendar: 'gregory' }),
);

/** For an unknown locale `Intl` would use the machine's. */
function written(locale: string): string {
  try {
    return Intl.NumberFormat.supportedLocalesOf(locale)[0] ?? defaultLocale;
  } catch {
    return defaultLocale;
  }
}
