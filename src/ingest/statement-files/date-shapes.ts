/** Splits the text of a date into its three parts and a time. The order of the parts is for the whole file to say. */

export type Order = 'YMD' | 'DMY' | 'MDY';

export type SplitDate = {
  /** Dates of one shape have one order: the separator, and where a year of four digits stands. */
  shape: string;
  parts: readonly [string, string, string];
  /** The orders that the shape allows, the likelier first. */
  orders: readonly Order[];
  time: string;
};

/** A time of day behind a date, as banks write it: `18:11`, `6:11:05.2 PM`, `18:11+01:00`. */
const timeText = String.raw`(?:(?:T|,? +)(?<time>\d{1,2}:\d{2}.*))?`;
const separated = new RegExp(
  String.raw`^(?<a>\d{1,4}) ?(?<separator>[./-]|年) ?(?<b>\d{1,2}) ?(?:\k<separator>|月) ?(?<c>\d{1,4})[.日]?${timeText}$`,
);
const compact = new RegExp(String.raw`^(?<a>\d{4})(?<b>\d{2})(?<c>\d{2})${timeText}$`);
const namedMonth = new RegExp(
  String.raw`^(?<d>\d{1,2})[.\-/ ]{0,2}(?<m>\p{L}{3,})[.\-/, ]{0,2}(?<y>\d{4}|\d{2})${timeText}$`,
  'u',
);
const monthFirst = new RegExp(
  String.raw`^(?<m>\p{L}{3,})[. ]{1,2}(?<d>\d{1,2}),? (?<y>\d{4})${timeText}$`,
  'u',
);

/** Undefined if the text is no date in any order. */
export function splitDate(given: string): SplitDate | undefined {
  const text = given.normalize('NFKC').trim();
  return splitSeparated(text) ?? splitCompact(text) ?? splitNamed(text);
}

export const isDateLike = (text: string): boolean => splitDate(text) !== undefined;

function splitSeparated(text: string): SplitDate | undefined {
  const groups = separated.exec(text)?.groups;
  if (!groups) return undefined;
  const { a = '', b = '', c = '', separator = '', time = '' } = groups;
  const orders = ordersOf(a.length, c.length, separator);
  if (!orders) return undefined;
  return {
    shape: `${separator}${a.length > 2 ? 4 : 2}${c.length > 2 ? 4 : 2}`,
    parts: [a, b, c],
    orders,
    time,
  };
}

/** No country writes the month first between points, or the day after a year of four digits. */
function ordersOf(first: number, last: number, separator: string): readonly Order[] | undefined {
  if (first === 4) return last <= 2 ? ['YMD'] : undefined;
  if (first > 2 || last === 3) return undefined;
  if (separator === '.') return ['DMY'];
  return last === 4 ? ['DMY', 'MDY'] : ['DMY', 'MDY', 'YMD'];
}

function splitCompact(text: string): SplitDate | undefined {
  const groups = compact.exec(text)?.groups;
  if (!groups) return undefined;
  const { a = '', b = '', c = '', time = '' } = groups;
  return { shape: 'yyyyMMdd', parts: [a, b, c], orders: ['YMD'], time };
}

function splitNamed(text: string): SplitDate | undefined {
  const groups = (namedMonth.exec(text) ?? monthFirst.exec(text))?.groups;
  const month = groups && monthNumber(groups['m'] ?? '');
  if (!groups || month === undefined) return undefined;
  const { d = '', y = '', time = '' } = groups;
  return { shape: 'name', parts: [d, String(month), y], orders: ['DMY'], time };
}

const languages = ['en', 'de', 'fr', 'es', 'it', 'nl', 'pt', 'sv', 'da', 'nb'];
let monthNames: ReadonlyMap<string, number> | undefined;

/** 1 to 12 for a month's name in a language of western Europe, whole or short. */
export function monthNumber(name: string): number | undefined {
  monthNames ??= readMonthNames();
  return monthNames.get(plainMonth(name));
}

const plainMonth = (name: string): string => name.toLowerCase().replace(/\.$/, '');

function readMonthNames(): ReadonlyMap<string, number> {
  const names = new Map([['sept', 9]]);
  for (const language of languages) {
    const whole = namesIn(language, 'long');
    const starts = whole.map((name) => name.slice(0, 3));
    const isClear = (start: string): boolean => starts.indexOf(start) === starts.lastIndexOf(start);
    const short = starts.map((start) => (isClear(start) ? start : ''));
    for (const list of [whole, namesIn(language, 'short'), short])
      for (const [index, name] of list.entries()) names.set(name, names.get(name) ?? index + 1);
  }
  return names;
}

function namesIn(language: string, month: 'long' | 'short'): string[] {
  const format = new Intl.DateTimeFormat(language, { month, day: 'numeric', timeZone: 'UTC' });
  return Array.from({ length: 12 }, (_, index) => {
    const parts = format.formatToParts(Date.UTC(2026, index, 1));
    return plainMonth(parts.find(({ type }) => type === 'month')?.value ?? '');
  });
}

/** Years of two digits are of this century up to this one. */
const lastShortYear = 79;

/** How a date of the shape is written in that order, in Unicode's letters. */
export function describeOrder(shape: string, order: Order): string {
  if (shape === 'name') return 'd MMM y';
  if (shape === 'yyyyMMdd') return shape;
  const year = shape.endsWith('22') ? 'yy' : 'yyyy';
  const letters = { Y: year, M: 'MM', D: 'dd' };
  const parts = Array.from(order, (part) => letters[part as keyof typeof letters]);
  return parts.join(shape.charAt(0));
}

/** Undefined if there is no such day. */
export function dateInOrder({ parts }: SplitDate, order: Order): Temporal.PlainDate | undefined {
  const [a, b, c] = parts;
  const [year, month, day] = order === 'YMD' ? [a, b, c] : order === 'DMY' ? [c, b, a] : [c, a, b];
  return plainDate(fullYear(year), Number(month), Number(day));
}

export const fullYear = (text: string): number => {
  const year = Number(text);
  if (text.length > 2) return year;
  return year <= lastShortYear ? 2000 + year : 1900 + year;
};

export function plainDate(year: number, month: number, day: number): Temporal.PlainDate | undefined {
  try {
    return Temporal.PlainDate.from({ year, month, day }, { overflow: 'reject' });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
