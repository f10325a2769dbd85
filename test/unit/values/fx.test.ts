import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Rates, type StoredRate } from '../../../src/values/fx.ts';
import { formatAmount, parseAmount } from '../../../src/values/money.ts';

/** Parses lines such as `'2026-11-10 USD EUR 0.92'`: one dollar was worth 0.92 euros. */
const stored = (...lines: string[]): StoredRate[] =>
  lines.map((line) => {
    const [date = '', base = '', currency = '', rate = ''] = line.split(' ');
    return { date, base, currency, rate };
  });

/** Converts money such as `'10.00 EUR'` of a day to the currency `to`, as decimals. */
function converted(rates: StoredRate[], money: string, to: string, day = '2026-11-10'): string | null {
  const [amount = '', currency = ''] = money.split(' ');
  const parsed = parseAmount(amount, currency);
  if (!parsed.ok) throw new Error(parsed.message);
  const minor = new Rates(rates).convert({ amountMinor: parsed.minor, currency, day }, to);
  return minor === null ? null : formatAmount(minor, to);
}

const dollars = stored(
  '2026-11-10 USD EUR 0.92',
  '2026-11-10 USD GBP 0.79',
  '2026-11-10 USD JPY 151.2',
  '2026-11-10 USD KWD 0.307',
  '2026-11-10 USD CHF 0.8',
);

describe('a converted amount', () => {
  test.each([
    ['to the base is divided by the rate', '92.00 EUR', 'USD', '100.00'],
    ['from the base is multiplied by the rate', '100.00 USD', 'EUR', '92.00'],
    // 10 / 0.79 × 0.92 = 11.6455…
    ['between two other currencies is rounded once', '10.00 GBP', 'EUR', '11.65'],
    // 0.02 / 0.79 = 0.0253 and 0.0253 × 151.2 = 3.83; rounded twice it would be 0.03 dollars and 5 yen.
    ['between two other currencies to fewer decimals is rounded once', '0.02 GBP', 'JPY', '4'],
    ['to a currency without decimals is rounded up: 0.01 × 151.2 = 1.512', '0.01 USD', 'JPY', '2'],
    ['to a currency without decimals is rounded: 0.50 × 151.2 = 75.6', '0.50 USD', 'JPY', '76'],
    ['from a currency without decimals: 1 / 151.2 = 0.0066', '1 JPY', 'USD', '0.01'],
    ['to a currency with three decimals: 10.01 × 0.307 = 3.07307', '10.01 USD', 'KWD', '3.073'],
    ['from a currency with three decimals: 0.001 / 0.307 = 0.00326', '0.001 KWD', 'USD', '0.00'],
    ['from three decimals to none: 1.234 / 0.307 × 151.2 = 607.75', '1.234 KWD', 'JPY', '608'],
    // 0.10 / 0.8 = 0.125
    ['that is exactly half is rounded up', '0.10 CHF', 'USD', '0.13'],
    ['that is exactly half is rounded down below zero', '-0.10 CHF', 'USD', '-0.13'],
    ['that is just under half is rounded towards zero', '0.09 CHF', 'USD', '0.11'],
    ['that is just under half is rounded towards zero from below', '-0.09 CHF', 'USD', '-0.11'],
    ['in the same currency stays as it is', '-12.34 CHF', 'CHF', '-12.34'],
  ])('%s', (_name, money, to, expected) => {
    expect(converted(dollars, money, to)).toBe(expected);
  });

  test('of half a yen is rounded away from zero on either side', () => {
    const rates = stored('2026-11-10 USD JPY 150');
    expect(converted(rates, '0.01 USD', 'JPY')).toBe('2');
    expect(converted(rates, '-0.01 USD', 'JPY')).toBe('-2');
    expect(converted(rates, '0.03 USD', 'JPY')).toBe('5');
  });

  test('keeps every digit of a long rate', () => {
    const rates = stored('2026-11-10 USD EUR 0.12345678901234');
    expect(converted(rates, '1000000000000.00 USD', 'EUR')).toBe('123456789012.34');
    expect(converted(rates, '123456789012.34 EUR', 'USD')).toBe('1000000000000.00');
  });

  test('that would overflow a sum counts as having no rate', () => {
    const rates = stored('2026-11-10 USD EUR 999999999999999', '2026-11-10 USD GBP 0.00000000000001');
    expect(converted(rates, '1.00 GBP', 'EUR')).toBeNull();
    expect(converted(rates, '1.00 USD', 'EUR')).toBe('999999999999999.00');
  });

  test('and its refund add up to zero at any rate', () => {
    fc.assert(
      fc.property(
        fc.bigInt(-(10n ** 15n), 10n ** 15n),
        fc.integer({ min: 1, max: 999_999 }),
        (amountMinor, rate) => {
          const rates = new Rates(stored(`2026-11-10 USD EUR 0.${rate}`));
          const spent = { amountMinor, currency: 'EUR', day: '2026-11-10' };
          const back = rates.convert({ ...spent, amountMinor: -amountMinor }, 'USD');
          expect(back === null ? null : -back).toBe(rates.convert(spent, 'USD'));
        },
      ),
      { seed: 2608 },
    );
  });
});

describe('the exchange rate of a day', () => {
  const week = stored('2026-11-02 USD EUR 0.5', '2026-11-06 USD EUR 0.8');

  test.each([
    ['is its own', '2026-11-02', '2.00'],
    ['is missing before the first rate', '2026-11-01', null],
    ['is otherwise the latest earlier one', '2026-11-05', '2.00'],
    ['is its own where there is an earlier one too', '2026-11-06', '1.25'],
    ['is Friday’s on a Saturday', '2026-11-07', '1.25'],
    ['is Friday’s on a Sunday', '2026-11-08', '1.25'],
    ['is valid for seven days', '2026-11-13', '1.25'],
    ['is not valid after eight days', '2026-11-14', null],
  ])('%s', (_name, day, expected) => {
    expect(converted(week, '1.00 EUR', 'USD', day)).toBe(expected);
  });

  test('is found across the end of a month and of a year', () => {
    const rates = stored('2025-12-29 USD EUR 0.5');
    expect(converted(rates, '1.00 EUR', 'USD', '2026-01-05')).toBe('2.00');
    expect(converted(rates, '1.00 EUR', 'USD', '2026-01-06')).toBeNull();
  });

  test('is from one table: the latest with both currencies, not a newer one with one of them', () => {
    const rates = stored(
      '2026-11-08 USD EUR 0.5',
      '2026-11-08 USD GBP 0.25',
      '2026-11-09 USD EUR 0.8',
      '2026-11-10 USD GBP 0.4',
    );
    expect(converted(rates, '1.00 GBP', 'EUR')).toBe('2.00');
    expect(converted(rates, '1.00 GBP', 'USD')).toBe('2.50');
    expect(converted(rates, '1.00 EUR', 'USD')).toBe('1.25');
  });

  test('is not combined from two tables with different bases', () => {
    const rates = stored('2026-11-10 USD EUR 0.5', '2026-11-10 CHF GBP 0.5');
    expect(converted(rates, '1.00 EUR', 'GBP')).toBeNull();
  });

  test('is missing for two currencies without a rate', () => {
    expect(converted(dollars, '1.00 SEK', 'NOK')).toBeNull();
    expect(converted([], '1.00 EUR', 'USD')).toBeNull();
  });

  test.each([
    ['a newer table precedes an older one based on either currency', '1.00', '2026-11-09 EUR GBP 0.9'],
    ['on one day, a table based on either currency comes first', '0.90', '2026-11-10 EUR GBP 0.9'],
    [
      'on one day, tables with other bases are tried in alphabetical order',
      '1.50',
      '2026-11-10 AUD EUR 0.5',
      '2026-11-10 AUD GBP 0.75',
    ],
  ])('is chosen from several tables: %s', (_name, expected, ...lines) => {
    const rates = stored('2026-11-10 USD EUR 0.5', '2026-11-10 USD GBP 0.5', ...lines);
    expect(converted(rates, '1.00 EUR', 'GBP')).toBe(expected);
    expect(converted(rates.toReversed(), '1.00 EUR', 'GBP')).toBe(expected);
  });
});
