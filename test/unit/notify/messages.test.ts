import { describe, expect, test } from 'vitest';
import { inAppMessage } from '../../../src/notify/messages/in-app.ts';
import { groceries, reader } from '../../support/worlds/alert-facts.ts';
import type { AlertFacts } from '../../../src/alerts/decide/alert-facts.ts';
import type { Reader } from '../../../src/values/display.ts';

const render = (change: Partial<AlertFacts> = {}, other: Partial<Reader> = {}) =>
  inAppMessage({ ...groceries, ...change }, { ...reader, ...other });

describe('the in-app message of an alert in the current period', () => {
  test('names the percent first, then the amounts and what is left of the period', () => {
    expect(render()).toEqual({
      title: 'Groceries: 103 % of the monthly budget',
      text: 'Groceries: 412.30 of 400.00 USD, nine days to go.',
    });
  });

  test.each([
    ['2026-11-30', 'last day'],
    ['2026-11-29', 'one day to go'],
    ['2026-11-18', 'twelve days to go'],
    ['2026-11-17', '13 days to go'],
    ['2026-11-01', '29 days to go'],
  ])('on %s says "%s"', (today, ending) => {
    expect(render({}, { today }).text).toBe(`Groceries: 412.30 of 400.00 USD, ${ending}.`);
  });

  test('says today for a daily budget', () => {
    const period = { start: '2026-11-21', end: '2026-11-22' };
    expect(render({ periodKind: 'daily', period })).toEqual({
      title: 'Groceries: 103 % of the daily budget',
      text: 'Groceries: 412.30 of 400.00 USD today.',
    });
  });

  test('counts the days of a year across its months', () => {
    const period = { start: '2026-01-01', end: '2027-01-01' };
    expect(render({ periodKind: 'yearly', period }).text).toContain('40 days to go');
  });

  test.each([
    ['39999', '99'],
    ['40000', '100'],
    ['40399', '100'],
    ['3999999', '9,999'],
    ['1000000000000000', '2,500,000,000,000'],
  ])('shows %s of 40000 as %s percent, rounded down', (spentMinor, percent) => {
    expect(render({ spentMinor }).title).toBe(`Groceries: ${percent} % of the monthly budget`);
  });

  test.each(['info', 'warning', 'danger', 'critical'] as const)(
    'reads the same with severity %s',
    (severity) => {
      expect(render({ severity })).toEqual(render());
    },
  );

  test.each([
    ['JPY', '41,230 of 40,000 JPY'],
    ['KWD', '41.230 of 40.000 KWD'],
    // Intl would show HUF without decimals.
    ['HUF', '412.30 of 400.00 HUF'],
  ])('shows the digits that ISO 4217 gives %s', (currency, amounts) => {
    expect(render({ currency }).text).toBe(`Groceries: ${amounts}, nine days to go.`);
  });
});

describe('the in-app message of an alert in a past period', () => {
  test.each([
    ['daily', '2026-11-20', '2026-11-21', 'November 20, 2026'],
    ['weekly', '2026-11-09', '2026-11-16', 'week of November 9, 2026'],
    ['monthly', '2026-10-01', '2026-11-01', 'October 2026'],
    ['quarterly', '2026-07-01', '2026-10-01', 'third quarter of 2026'],
    ['quarterly', '2025-10-01', '2026-01-01', 'fourth quarter of 2025'],
    ['yearly', '2025-01-01', '2026-01-01', '2025'],
  ] as const)('names the %s period from %s to %s as "%s"', (periodKind, start, end, name) => {
    expect(render({ periodKind, period: { start, end }, phase: 'past' })).toEqual({
      title: `Groceries, ${name}: 103 % of the ${periodKind} budget`,
      text: `Groceries, ${name}: 412.30 of 400.00 USD.`,
    });
  });

  test('names the period if it was current when the alert opened', () => {
    expect(render({}, { today: '2026-12-01' }).text).toBe('Groceries, November 2026: 412.30 of 400.00 USD.');
  });
});

describe('the in-app message of a recovery', () => {
  const recovery = { type: 'recovery', level: 95, spentMinor: '37000' } as const;

  test('names the level that spending fell below', () => {
    expect(render(recovery)).toEqual({
      title: 'Groceries is back below 95 %',
      text: 'Groceries is back below 95 %: 370.00 of 400.00 USD, nine days to go.',
    });
  });

  test('names a past period', () => {
    const period = { start: '2026-10-01', end: '2026-11-01' };
    expect(render({ ...recovery, period, phase: 'past' }).text).toBe(
      'Groceries, October 2026, is back below 95 %: 370.00 of 400.00 USD.',
    );
  });

  test('shows a negative total if refunds exceed spending', () => {
    expect(render({ ...recovery, spentMinor: '-500' }).text).toContain(': -5.00 of 400.00 USD');
  });
});

describe('numbers and dates in a message', () => {
  const past = { start: '2026-10-05', end: '2026-10-12' };
  const large = { spentMinor: '123456789012345678', periodKind: 'weekly', period: past } as const;

  test.each([
    ['en', '1,234,567,890,123,456.78', '400.00', 'October 5, 2026'],
    ['de-AT', '1\u00a0234\u00a0567\u00a0890\u00a0123\u00a0456,78', '400,00', '5. Oktober 2026'],
    ['fr', '1\u202f234\u202f567\u202f890\u202f123\u202f456,78', '400,00', '5 octobre 2026'],
    ['hi-IN', '1,23,45,67,89,01,23,456.78', '400.00', '5 अक्टूबर 2026'],
    ['ar', '1,234,567,890,123,456.78', '400.00', '5 أكتوبر 2026'],
    ['ar-EG', '١٬٢٣٤٬٥٦٧٬٨٩٠٬١٢٣٬٤٥٦٫٧٨', '٤٠٠٫٠٠', '٥ أكتوبر ٢٠٢٦'],
    // The Persian calendar of fa-IR would put October into two months of another year.
    ['fa-IR-u-nu-latn', '1,234,567,890,123,456.78', '400.00', '5 اکتبر 2026'],
  ])('follow the locale %s', (locale, spent, budget, day) => {
    expect(render(large, { locale }).text).toBe(`Groceries, week of ${day}: ${spent} of ${budget} USD.`);
  });

  test.each(['xx', 'zz-ZZ', 'not a locale', ''])('are English for the unknown locale %j', (locale) => {
    expect(render(large, { locale })).toEqual(render(large));
  });
});

describe('the name of a rule in a message', () => {
  test.each([
    ['Food\r\nBcc: all@example.com', 'Food Bcc: all@example.com'],
    ['Food\u0000\u2028and\tdrink', 'Food and drink'],
    ['Food \u202eknird', 'Food knird'],
    ['\u0007', 'Budget'],
    ['קניות', '\u2068קניות\u2069'],
    ['<b>"Fun" & more</b>', '<b>"Fun" & more</b>'],
  ])('%j is shown as %j', (ruleName, name) => {
    expect(render({ ruleName }).title).toBe(`${name}: 103 % of the monthly budget`);
  });
});

test.each([
  [
    'email',
    'a***@example.com',
    'We could not reach you by email at a***@example.com; it bounced. Check the address in your settings.',
  ],
  [
    'sms',
    '+49•••••678',
    'We could not reach you by SMS at +49•••••678; it did not arrive. Check the number in your settings.',
  ],
] as const)('the message about a bounced %s address names the masked address', (channel, address, text) => {
  expect(inAppMessage({ type: 'address_bounced', channel, address }, reader).text).toBe(text);
});
