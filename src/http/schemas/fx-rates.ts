/** Exchange rates in the API's format. */
import { type Static, Type } from 'typebox';
import { escapePointer } from '../../ingest/decide/json-reader.ts';
import { isRateDay, ratePattern } from '../../values/fx.ts';
import { isCurrency } from '../../values/money.ts';
import { type FieldError, invalid } from '../errors/problem.ts';
import { maxErrors } from '../schema-size.ts';
import { day } from './rule.ts';

const rate = Type.String({
  pattern: ratePattern,
  description: 'a decimal number above zero in a string, with at most 15 digits, like "0.92"',
  examples: ['0.92'],
});

/** More than there are currencies. */
const maxRates = 1_000;

const rates = Type.Record(Type.String(), rate, {
  maxProperties: maxRates,
  description: 'by ISO 4217 currency: its units for one unit of `base`',
  examples: [{ EUR: '0.92', GBP: '0.79' }],
});

const base = Type.String({ description: 'ISO 4217', examples: ['USD'] });

export const rateTableBody = Type.Object(
  { date: day('the day of the rates, between 1900 and 2199'), base, rates },
  { additionalProperties: false, description: 'The rates of one day against one currency.' },
);

export const rateTableSchema = Type.Object(
  { date: day('the day of the rates'), base, rates },
  { description: 'All rates that are stored for the day and base.' },
);

type RateTable = Static<typeof rateTableBody>;

/** Checks what the schema cannot express. Throws 400 with every wrong value. */
export function readRateTable(table: RateTable): RateTable {
  const errors = [...wrongDay(table), ...wrongBase(table), ...wrongRates(table)];
  if (errors.length > 0) throw invalid('The body is not valid.', errors.slice(0, maxErrors));
  const { [table.base]: _itself, ...others } = table.rates;
  return { ...table, rates: others };
}

const notListed = 'must be an ISO 4217 currency, like USD';

/** The days that expenses may have. */
const wrongDay = ({ date }: RateTable): FieldError[] =>
  isRateDay(date)
    ? []
    : [{ pointer: '/date', message: 'must be a day between 1900 and 2199, like 2026-11-22' }];

const wrongBase = ({ base: currency }: RateTable): FieldError[] =>
  isCurrency(currency) ? [] : [{ pointer: '/base', message: notListed }];

function wrongRates({ base: against, rates: given }: RateTable): FieldError[] {
  if (Object.keys(given).length === 0) return [{ pointer: '/rates', message: 'must name a currency' }];
  return Object.entries(given).flatMap(([currency, value]) => {
    const pointer = `/rates/${escapePointer(currency)}`;
    if (!isCurrency(currency)) return [{ pointer, message: notListed }];
    const isOff = currency === against && !/^0*1(?:\.0*)?$/.test(value);
    return isOff ? [{ pointer, message: 'is the base, and must be left out or 1' }] : [];
  });
}
