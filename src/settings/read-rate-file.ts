/**
 * Reads files of exchange rates. Three formats are told apart by their content:
 *
 * - the XML of the European Central Bank (`eurofxref-daily.xml` and its histories), against the euro
 * - its CSV (`eurofxref.csv`, `eurofxref-hist.csv`): a column `Date`, and one for each currency, against `base`
 * - a CSV of the columns `date`, `currency`, `rate` and, where it has one, `base`
 */
import { parse } from 'csv-parse/sync';
import { XMLParser } from 'fast-xml-parser';
import { isRate, isRateDay } from '../values/fx.ts';
import { isCurrency } from '../values/money.ts';
import type { RateTable } from './put-fx-rates.ts';

/** `unknown`: codes that the file has and ISO 4217 has not, such as currencies of the past. */
export type RateFile = { tables: RateTable[]; unknown: string[] };

/** The file cannot be read as a whole; the message names the place. */
export class UnreadableRates extends Error {}

/** A rate as the file writes it. `where`: its place, for messages. */
type Entry = { where: string; date: string; base: string; currency: string; rate: string };

/** Throws `UnreadableRates`. Tables are in the order of their days. */
export function readRateFile(text: string, base: string): RateFile {
  const content = text.replace(/^\uFEFF/, '').trimStart();
  const readEntries = content.startsWith('<') ? readXml : readCsv;
  const entries = content === '' ? [] : readEntries(content, base);
  if (entries.length === 0) throw new UnreadableRates('the file has no rates');
  const unknown = new Set<string>();
  const tables = new Map<string, RateTable>();
  for (const entry of entries) {
    const missing = [entry.base, entry.currency].find((code) => !isCurrency(code));
    if (missing === undefined) addTo(tables, entry);
    else if (/^[A-Z]{3}$/.test(missing)) unknown.add(missing);
    else throw new UnreadableRates(`${entry.where}: "${missing}" is not a currency, like USD`);
  }
  const known = [...tables.values()].filter(({ rates }) => Object.keys(rates).length > 0);
  return { tables: known.sort((a, b) => (a.date < b.date ? -1 : 1)), unknown: [...unknown].sort() };
}

function addTo(tables: Map<string, RateTable>, { where, date, base, currency, rate }: Entry): void {
  const day = toDay(date);
  if (day === null) throw new UnreadableRates(`${where}: "${date}" is not a day, like 2026-11-22`);
  if (!isRate(rate)) throw new UnreadableRates(`${where}: "${rate}" is not a rate above zero, like 0.92`);
  const key = `${day} ${base}`;
  const table = tables.get(key) ?? { date: day, base, rates: {} };
  tables.set(key, table);
  if (currency !== base) table.rates[currency] = rate;
}

/** `2026-11-22`, or `22 November 2026` as the daily CSV of the European Central Bank has it. Null for anything else. */
function toDay(text: string): string | null {
  const [, day = '', month = '', year = ''] = /^(\d{1,2}) ([A-Z][a-z]+) (\d{4})$/.exec(text) ?? [];
  const number = String(months.indexOf(month) + 1).padStart(2, '0');
  const date = month === '' ? text : `${year}-${number}-${day.padStart(2, '0')}`;
  return isRateDay(date) ? date : null;
}

const months = Array.from({ length: 12 }, (_, index) =>
  new Date(Date.UTC(2000, index)).toLocaleString('en', { month: 'long', timeZone: 'UTC' }),
);

type Cube = { time?: string; currency?: string; rate?: string; Cube?: Cube[] };

/** Cubes of a day hold a cube for each currency. The names of the elements carry no prefix here. */
function readXml(text: string): Entry[] {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    removeNSPrefix: true,
    parseAttributeValue: false,
    processEntities: false,
    isArray: (name) => name === 'Cube',
  });
  const { Envelope: envelope }: { Envelope?: { Cube?: Cube[] } } = parseXml(parser, text);
  return (envelope?.Cube ?? []).flatMap(({ Cube: days = [] }) => days.flatMap(entriesOf));
}

function parseXml(parser: XMLParser, text: string) {
  try {
    return parser.parse(text, true);
  } catch (error) {
    throw new UnreadableRates(`the XML is broken: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const entriesOf = ({ time: date = '', Cube: cubes = [] }: Cube): Entry[] =>
  cubes.map(({ currency = '', rate = '' }) => ({
    where: `${currency || 'a rate'} of ${date || 'no day'}`,
    date,
    base: 'EUR',
    currency,
    rate,
  }));

function readCsv(text: string, base: string): Entry[] {
  const [header = [], ...rows] = parseCsv(text);
  const names = header.map((name) => name.toLowerCase());
  const at = (name: string) => names.indexOf(name);
  if (at('date') === -1)
    throw new UnreadableRates(
      'line 1: no column "date" (read are the formats of the European Central Bank, and CSV)',
    );
  const isLong = at('currency') !== -1 && at('rate') !== -1;
  const currencies = header.flatMap((name, column) =>
    name === '' || column === at('date') ? [] : [{ name, column }],
  );
  return rows.flatMap((row, index) => {
    const cell = (column: number): string => row[column] ?? '';
    const where = `line ${index + 2}`;
    const date = cell(at('date'));
    if (isLong)
      return [
        {
          where,
          date,
          base: at('base') === -1 ? base : cell(at('base')),
          currency: cell(at('currency')),
          rate: cell(at('rate')),
        },
      ];
    return currencies
      .map(({ name, column }) => ({
        where: `${where}, ${name}`,
        date,
        base,
        currency: name,
        rate: cell(column),
      }))
      .filter(({ rate }) => rate !== '' && rate !== 'N/A');
  });
}

function parseCsv(text: string): string[][] {
  try {
    return parse(text, { trim: true, relax_column_count: true, skip_empty_lines: true });
  } catch (error) {
    throw new UnreadableRates(`the CSV is broken: ${error instanceof Error ? error.message : String(error)}`);
  }
}
