/**
 * Reads the text of an amount as banks write it: with a currency, thousands, a sign before or behind, brackets, or
 * `CR` behind.
 */
import { isCurrency, minorDigits, parseAmount } from '../../values/money.ts';
import { type Direction, readDirection } from './bank-words.ts';
import type { Decimal } from './options.ts';

export type AmountText = {
  /** Digits with their separators, without a sign. */
  digits: string;
  sign: '-' | '+' | '';
  /** Said by letters behind the digits. */
  direction?: Direction;
  /** The currencies that the text can mean; empty: it names none. */
  currencies: readonly string[];
};

const dollars = 'USD CAD AUD NZD SGD HKD MXN ARS CLP COP TWD JMD BBD BSD TTD FJD NAD LRD'.split(' ');
/** Several countries share some signs. */
const currencySigns = new Map<string, readonly string[]>([
  ['£', ['GBP']],
  ['€', ['EUR']],
  ['$', dollars],
  ['US$', ['USD']],
  ['R$', ['BRL']],
  ['¥', ['JPY', 'CNY']],
  ['円', ['JPY']],
  ['₹', ['INR']],
  ['₩', ['KRW']],
  ['₺', ['TRY']],
  ['₪', ['ILS']],
  ['₽', ['RUB']],
  ['zł', ['PLN']],
  ['Kč', ['CZK']],
  ['Ft', ['HUF']],
  ['kr', ['SEK', 'NOK', 'DKK', 'ISK']],
  ['Fr', ['CHF']],
]);

const shape =
  /^(?<before>[^\d.,]*)(?<digits>(?:\d[\d.,' ’]*\d|\d|[.,]\d+))(?<whole>[.,](?=-|$))?(?<after>[^\d.,]*\.?)$/;

/** Undefined if the text is no amount. */
export function splitAmount(given: string): AmountText | undefined {
  const text = given
    .normalize('NFKC')
    .replaceAll(/[−‒–—]/g, '-')
    .trim();
  const groups = shape.exec(text)?.groups;
  if (!groups) return undefined;
  const { before = '', digits = '', whole, after = '' } = groups;
  // German and Dutch lists write `12,-` for a whole amount.
  const behind = whole === undefined ? after : after.replace(/^-+/, '');
  const sign = signOf(before, behind);
  const words = sign === undefined ? undefined : readWords(wordsIn(before), wordsIn(behind));
  return sign === undefined || !words ? undefined : { digits, sign, ...words };
}

/** Undefined for a word that is neither a currency nor, behind the digits, a direction. */
function readWords(
  before: readonly string[],
  after: readonly string[],
): Pick<AmountText, 'direction' | 'currencies'> | undefined {
  const directions = after.flatMap((word) => readDirection(word) ?? []);
  const others = [...before, ...after.filter((word) => readDirection(word) === undefined)];
  const currencies = others.map(currenciesOf);
  const [direction] = directions;
  const [first = [], second] = currencies;
  if (directions.length > 1 || second || currencies.includes(undefined)) return undefined;
  return { currencies: first, ...(direction && { direction }) };
}

const currenciesOf = (word: string): readonly string[] | undefined =>
  isCurrency(word) ? [word] : (currencySigns.get(word) ?? currencySigns.get(word.replace(/\.$/, '')));

/** Undefined for more than one sign. */
function signOf(before: string, after: string): AmountText['sign'] | undefined {
  const signs = (before + after).replaceAll(/[^-+(]/g, '').replace('(', '-');
  const hasBrackets = before.includes('(') === after.includes(')');
  if (!hasBrackets || signs.length > 1) return undefined;
  return signs === '-' || signs === '+' ? signs : '';
}

const wordsIn = (side: string): string[] =>
  side
    .replaceAll(/[-+()]/g, ' ')
    .split(' ')
    .filter((word) => word !== '');

type Digits = { whole: string; fraction: string };

const numbers: Record<Decimal, RegExp> = {
  '.': numberShape(String.raw`\.`, ','),
  ',': numberShape(',', String.raw`\.`),
};

function numberShape(point: string, comma: string): RegExp {
  // The second one is the grouping of India: 12,34,567.
  const group = (sign: string): string =>
    `[1-9]\\d{0,2}(?:${sign}\\d{3})+|[1-9]\\d?(?:${sign}\\d{2})+${sign}\\d{3}`;
  return new RegExp(
    `^(?<whole>\\d+|${group(comma)}|${group(' ')}|${group("['’]")})?(?:${point}(?<fraction>\\d+))?$`,
  );
}

/** The digits if `decimal` is the decimal sign; undefined if they are not written so. */
function digitsWith(text: string, decimal: Decimal): Digits | undefined {
  const groups = numbers[decimal].exec(text)?.groups;
  if (!groups) return undefined;
  const { whole = '0', fraction = '' } = groups;
  return { whole: whole.replaceAll(/\D/g, ''), fraction };
}

/** Which decimal signs the digits can have. `both`: they mean two different amounts, like `1.000`. */
export function decimalsOf(text: string): Decimal | 'both' | 'any' | 'none' {
  const [point, comma] = [digitsWith(text, '.'), digitsWith(text, ',')];
  if (!point && !comma) return 'none';
  if (!point) return ',';
  if (!comma) return '.';
  return point.whole === comma.whole && point.fraction === comma.fraction ? 'any' : 'both';
}

export type DecimalRule = {
  /** Null: each amount of the file has one reading. */
  sign: Decimal | null;
  /** Whether amounts that cannot have this sign are refused. */
  strict: boolean;
};

/** The amount in minor units, without a sign, or a message about the fault. */
export function readDigits(
  text: string,
  currency: string,
  rule: DecimalRule,
): { ok: true; minor: bigint } | { ok: false; message: string } {
  const can = decimalsOf(text);
  const sign = rule.strict || can === 'both' ? rule.sign : can === 'any' || can === 'none' ? '.' : can;
  const isWhole = can === 'both' && sign === null && minorDigits(currency) === 0;
  const digits = isWhole ? wholeDigits(text) : sign === null ? undefined : digitsWith(text, sign);
  if (!digits) return { ok: false, message: faultOf(text, can, rule) };
  // Zeros at the end say nothing, but 1.000 is not taken for 1.
  const fraction = can === 'both' ? digits.fraction : trimZeros(digits.fraction, minorDigits(currency));
  return parseAmount(fraction === '' ? digits.whole : `${digits.whole}.${fraction}`, currency);
}

const wholeDigits = (text: string): Digits => ({ whole: text.replaceAll(/\D/g, ''), fraction: '' });

const trimZeros = (fraction: string, digits: number): string =>
  fraction.slice(0, digits) + fraction.slice(digits).replace(/0+$/, '');

function faultOf(text: string, can: ReturnType<typeof decimalsOf>, { sign }: DecimalRule): string {
  if (can === 'both') return `${text} can be two amounts: say --decimal . or ,`;
  return can === 'none' || sign === null ? 'not written as a number' : `has no decimal sign "${sign}"`;
}
