/**
 * Reads dates in a format that was said in Unicode's letters, like `dd.MM.yyyy HH:mm`.
 * https://unicode.org/reports/tr35/tr35-dates.html#Date_Field_Symbol_Table
 */
import { fullYear, monthNumber, plainDate } from './date-shapes.ts';
import { StatementError } from './columns.ts';

/** The local time is null if the text has a day alone. */
export type LocalDate = { date: Temporal.PlainDate; time: string };

/** Two letters take a day of one digit too, as people write them for both. */
const patterns: Record<string, string> = {
  y: String.raw`(?<y>\d{4}|\d{2})`,
  yy: String.raw`(?<y>\d{2})`,
  yyyy: String.raw`(?<y>\d{4})`,
  M: String.raw`(?<M>\d{1,2})`,
  MM: String.raw`(?<M>\d{1,2})`,
  MMM: String.raw`(?<name>\p{L}+\.?)`,
  MMMM: String.raw`(?<name>\p{L}+)`,
  d: String.raw`(?<d>\d{1,2})`,
  dd: String.raw`(?<d>\d{1,2})`,
  E: String.raw`\p{L}+\.?`,
  H: String.raw`(?<h>\d{1,2})`,
  HH: String.raw`(?<h>\d{1,2})`,
  h: String.raw`(?<h>\d{1,2})`,
  hh: String.raw`(?<h>\d{1,2})`,
  m: String.raw`(?<m>\d{1,2})`,
  mm: String.raw`(?<m>\d{2})`,
  ss: String.raw`(?<s>\d{2}(?:\.\d{1,9})?)`,
  S: String.raw`\d{1,9}`,
  a: String.raw`(?<half>[AaPp]\.?[Mm]\.?)`,
  X: String.raw`(?<zone>Z|[+-]\d{2}:?\d{2})`,
};
const token = /'(?<quoted>[^']*)'|(?<letters>([A-Za-z])\3*)|(?<other>[^A-Za-z'])/gy;

/** Throws `StatementError` for letters that are no part of a date, and if day, month or year is missing. */
export function createFormatReader(format: string): (text: string) => LocalDate | undefined {
  const pattern = new RegExp(
    `^${source(format)}${hasTime(format) ? '' : '(?:[T ]+(?<rest>\\d{1,2}:\\d{2}.*))?'}$`,
    'u',
  );
  return (text) => {
    const groups = pattern.exec(text.normalize('NFKC').trim())?.groups;
    return groups && readGroups(groups);
  };
}

const hasTime = (format: string): boolean => /[Hh]/.test(format.replaceAll(/'[^']*'/g, ''));

function source(format: string): string {
  const names: string[] = [];
  const parts = [...format.normalize('NFKC').matchAll(token)].map(({ groups = {} }) => {
    const { quoted, letters, other } = groups;
    if (letters === undefined) return RegExp.escape(quoted ?? other ?? '');
    names.push(letters.charAt(0));
    const same = /^(?:E+|S+|X+|Z+)$/.test(letters) ? letters.charAt(0).replace('Z', 'X') : letters;
    return patterns[same] ?? wrong(format);
  });
  const isWhole = ['y', 'M', 'd'].every((letter) => names.filter((name) => name === letter).length === 1);
  return isWhole && new Set(names).size === names.length ? parts.join('') : wrong(format);
}

function wrong(format: string): never {
  throw new StatementError(
    `--date-format: "${format}" is no format of dates. Write d for the day, M for the month and y for the year, like dd.MM.yyyy or M/d/yy`,
  );
}

function readGroups(groups: Record<string, string | undefined>): LocalDate | undefined {
  const { y = '', M, name, d, h, m = '00', s = '00', half = '', zone = '', rest = '' } = groups;
  const month = name === undefined ? Number(M) : monthNumber(name);
  const date = month === undefined ? undefined : plainDate(fullYear(y), month, Number(d));
  const time = h === undefined ? rest : `${h}:${m.padStart(2, '0')}:${s}${half && ` ${half}`}${zone}`;
  return date && { date, time };
}
