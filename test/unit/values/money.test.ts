import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatAmount, isCurrency, minorDigits, parseAmount } from '../../../src/values/money.ts';

const largestStored = 2n ** 63n - 1n;

describe('the decimals of a currency', () => {
  test.each([
    ['USD', 2],
    ['HUF', 2],
    ['IDR', 2],
    ['PKR', 2],
    ['IQD', 3],
    ['KWD', 3],
    ['JPY', 0],
    ['CLP', 0],
    ['CLF', 4],
  ])('are those of ISO 4217: %s has %i', (currency, digits) => {
    expect(minorDigits(currency)).toBe(digits);
  });

  test.each(['usd', 'XYZ', '', 'US', 'USDD'])('are refused for the unknown currency %j', (code) => {
    expect(isCurrency(code)).toBe(false);
    expect(() => minorDigits(code)).toThrow(RangeError);
  });
});

describe('an amount', () => {
  test.each([
    ['42.10', 'USD', 4210n, '42.10'],
    ['42.1', 'USD', 4210n, '42.10'],
    ['42', 'USD', 4200n, '42.00'],
    ['0.05', 'USD', 5n, '0.05'],
    ['-0.05', 'USD', -5n, '-0.05'],
    ['-42.10', 'EUR', -4210n, '-42.10'],
    ['0', 'USD', 0n, '0.00'],
    ['-0', 'USD', 0n, '0.00'],
    ['007', 'USD', 700n, '7.00'],
    ['1234', 'JPY', 1234n, '1234'],
    ['-1', 'JPY', -1n, '-1'],
    ['12.34', 'HUF', 1234n, '12.34'],
    ['1.234', 'IQD', 1234n, '1.234'],
    ['0.001', 'IQD', 1n, '0.001'],
    ['1.2345', 'CLF', 12_345n, '1.2345'],
    ['0.0001', 'CLF', 1n, '0.0001'],
    ['9999999999999.99', 'USD', 999_999_999_999_999n, '9999999999999.99'],
    ['999999999999999', 'USD', 99_999_999_999_999_900n, '999999999999999.00'],
    ['999999999999999', 'JPY', 999_999_999_999_999n, '999999999999999'],
  ])('%s %s is %s minor units and is written %s', (text, currency, minor, written) => {
    expect(parseAmount(text, currency)).toEqual({ ok: true, minor });
    expect(formatAmount(minor, currency)).toBe(written);
  });

  test.each<string[]>([
    ['42.101', 'USD', 'at most 2 decimals'],
    ['42.100', 'USD', 'at most 2 decimals'],
    ['1.5', 'JPY', 'at most 0 decimals'],
    ['1.2345', 'IQD', 'at most 3 decimals'],
    ['1.23456', 'CLF', 'at most 4 decimals'],
    ['1234567890123456', 'USD', 'at most 15 digits'],
    ['12345678901234.56', 'USD', 'at most 15 digits'],
    ...['', ' ', '-', '.', '.5', '5.', '+1', '1e3', '0x10', '1,5', '1 000', ' 1', '1\n', '--1', '∞'].map(
      (text) => [text, 'USD', 'must be a decimal number'],
    ),
    ['١٢', 'USD', 'must be a decimal number'],
    ['NaN', 'USD', 'must be a decimal number'],
  ])('%j %s is refused: %s', (text = '', currency = '', message = '') => {
    const parsed = parseAmount(text, currency);
    expect(parsed.ok ? 'accepted' : parsed.message).toContain(message);
  });

  test('that is accepted fits into the database, in every currency', () => {
    const tooLarge = ['JPY', 'USD', 'IQD', 'CLF', 'UYW'].filter((currency) => {
      const parsed = parseAmount('999999999999999', currency);
      return parsed.ok && parsed.minor > largestStored;
    });
    expect(tooLarge).toEqual([]);
  });

  test('is the same after formatting and parsing', () => {
    const currency = fc.constantFrom('JPY', 'USD', 'HUF', 'IQD', 'CLF');
    const minor = fc.bigInt({ min: -(10n ** 15n) + 1n, max: 10n ** 15n - 1n });
    fc.assert(
      fc.property(minor, currency, (amount, code) => {
        expect(parseAmount(formatAmount(amount, code), code)).toEqual({ ok: true, minor: amount });
      }),
      { seed: 4217, numRuns: 500 },
    );
  });
});
