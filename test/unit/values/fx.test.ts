import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Rates, type StoredRate } from '../../../src/values/fx.ts';
import { formatAmount, parseAmount } from '../../../src/values/money.ts';

/** `'2026-11-10 USD EUR 0.92'`: what one dollar was worth in euros. */
const stored = (...lines: string[]): StoredRate[] =>
  lines.map((line) => {
    const [date = '', base = '', currency = '', rate = ''] = line.split(' ');
    return { date, base, currency, rate };
  });

/** `'10.00 EUR'` of a day in `to`, as decimals. */
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

describe('an amount', () => {
  test.each([
    ['towards the base is divided', '92.00 EUR', 'USD', '100.00'],
    ['from the base is multiplied', '100.00 USD', 'EUR', '92.00'],
    // 10 / 0.79 × 0.92 = 11.6455…
    ['across is of one fraction, rounded once', '10.00 GBP', 'EUR', '11.65'],
    // 0.02 / 0.79 = 0.0253, would be 0.03 dollars and then 4 yen; 0.0253 × 151.2 = 3.83.
    ['across to fewer digits', '0.02 GBP', 'JPY', '4'],
    ['to no digits: 0.01 × 151.2 = 1.512', '0.01 USD', 'JPY', '2'],
    ['to no digits: 0.50 × 151.2 = 75.6', '0.50 USD', 'JPY', '76'],
    ['from no digits: 1 / 151.2 = 0.0066', '1 JPY', 'USD', '0.01'],
    ['to three digits: 10.01 × 0.307 = 3.07307', '10.01 USD', 'KWD', '3.073'],
    ['from three digits: 0.001 / 0.307 = 0.00326', '0.001 KWD', 'USD', '0.00'],
    ['from three digits to none: 1.234 / 0.307 × 151.2 = 607.75', '1.234 KWD', 'JPY', '608'],
    // 0.10 / 0.8 = 0.125
    ['just half goes up', '0.10 CHF', 'USD', '0.13'],
    ['just half goes down below zero', '-0.10 CHF', 'USD', '-0.13'],
    ['just under half goes towards zero', '0.09 CHF', 'USD', '0.11'],
    ['just under half goes towards zero from below', '-0.09 CHF', 'USD', '-0.11'],
    ['of the same currency stays, whatever the rates', '-12.34 CHF', 'CHF', '-12.34'],
  ])('%s', (_name, money, to, expected) => {
    expect(converted(dollars, money, to)).toBe(expected);
  });

  test('half a yen goes away from zero on either side', () => {
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

  test('that would not fit into a sum has no rate', () => {
    const rates = stored('2026-11-10 USD EUR 999999999999999', '2026-11-10 USD GBP 0.00000000000001');
    expect(converted(rates, '1.00 GBP', 'EUR')).toBeNull();
    expect(converted(rates, '1.00 USD', 'EUR')).toBe('999999999999999.00');
  });

  test('and its refund come to nothing, whatever the rate', () => {
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

describe('the rate of a day', () => {
  const week = stored('2026-11-02 USD EUR 0.5', '2026-11-06 USD EUR 0.8');

  test.each([
    ['its own', '2026-11-02', '2.00'],
    ['the day before it has none', '2026-11-01', null],
    ['the latest earlier one', '2026-11-05', '2.00'],
    ['a later one that day is there itself', '2026-11-06', '1.25'],
    ['Friday’s, on Saturday', '2026-11-07', '1.25'],
    ['and on Sunday', '2026-11-08', '1.25'],
    ['seven days later still', '2026-11-13', '1.25'],
    ['eight days later no more', '2026-11-14', null],
  ])('%s', (_name, day, expected) => {
    expect(converted(week, '1.00 EUR', 'USD', day)).toBe(expected);
  });

  test('goes back over the ends of months and years', () => {
    const rates = stored('2025-12-29 USD EUR 0.5');
    expect(converted(rates, '1.00 EUR', 'USD', '2026-01-05')).toBe('2.00');
    expect(converted(rates, '1.00 EUR', 'USD', '2026-01-06')).toBeNull();
  });

  test('is of one table: the latest that has both currencies, not a newer one that has one', () => {
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

  test('is not made of two tables of different bases', () => {
    const rates = stored('2026-11-10 USD EUR 0.5', '2026-11-10 CHF GBP 0.5');
    expect(converted(rates, '1.00 EUR', 'GBP')).toBeNull();
  });

  test('of two currencies without a rate is none', () => {
    expect(converted(dollars, '1.00 SEK', 'NOK')).toBeNull();
    expect(converted([], '1.00 EUR', 'USD')).toBeNull();
  });

  test.each([
    ['a newer table goes before one whose base is a currency of the two', '1.00', '2026-11-09 EUR GBP 0.9'],
    ['of one day, one whose base is a currency of the two goes first', '0.90', '2026-11-10 EUR GBP 0.9'],
    [
      'of one day, other bases go by the alphabet',
      '1.50',
      '2026-11-10 AUD EUR 0.5',
      '2026-11-10 AUD GBP 0.75',
    ],
  ])('of several: %s', (_name, expected, ...lines) => {
    const rates = stored('2026-11-10 USD EUR 0.5', '2026-11-10 USD GBP 0.5', ...lines);
    expect(converted(rates, '1.00 EUR', 'GBP')).toBe(expected);
    expect(converted(rates.toReversed(), '1.00 EUR', 'GBP')).toBe(expected);
  });
});
