import { describe, expect, test } from 'vitest';
import { inAppMessage } from '../../../src/notify/messages/in-app.ts';
import { groceries, reader } from '../../support/worlds/alert-facts.ts';
import type { AlertFacts } from '../../../src/alerts/decide/alert-facts.ts';
import type { Reader } from '../../../src/values/display.ts';

const render = (change: Partial<AlertFacts> = {}, other: Partial<Reader> = {}) =>
  inAppMessage({ ...groceries, ...change }, { ...reader, ...other });

const spentOf = (change: Partial<AlertFacts>, other?: Partial<Reader>) =>
  render(change, other).text.replace(/^Groceries: /, '');

describe('the in-app message of an alert in the current period', () => {
  test('names the percent first, then the amounts and what is left of the period', () => {
    expect(render()).toEqual({
      title: 'Groceries: 103% of the monthly budget',
      text: 'Groceries: $412.30 of $400.00 spent, $12.30 over, with 10 days left this month.',
    });
  });

  test.each([
    ['2026-11-30', '1 day left this month'],
    ['2026-11-29', '2 days left this month'],
    ['2026-11-01', '30 days left this month'],
  ])('on %s says "%s"', (today, ending) => {
    expect(spentOf({}, { today })).toBe(`$412.30 of $400.00 spent, $12.30 over, with ${ending}.`);
  });

  test.each([
    ['weekly', '2026-11-16', '2026-11-23', '2 days left this week'],
    ['quarterly', '2026-10-01', '2027-01-01', '41 days left this quarter'],
    ['yearly', '2026-01-01', '2027-01-01', '41 days left this year'],
  ] as const)('of a %s budget counts its days', (periodKind, start, end, ending) => {
    expect(render({ periodKind, period: { start, end } })).toEqual({
      title: `Groceries: 103% of the ${periodKind} budget`,
      text: `Groceries: $412.30 of $400.00 spent, $12.30 over, with ${ending}.`,
    });
  });

  test.each([
    ['31230', '2026-11-22', '$87.70 left, about $9.70 a day for 9 days'],
    ['0', '2026-11-22', '$400.00 left, about $44 a day for 9 days'],
    ['39999', '2026-11-22', '$0.01 left, with 9 days left this month'],
    ['31230', '2026-11-30', '$87.70 left for the last day of the month'],
    ['40000', '2026-11-22', 'nothing left, with 9 days left this month'],
  ])('with %s of 40000 spent on %s has "%s"', (spentMinor, today, balance) => {
    expect(spentOf({ spentMinor }, { today })).toMatch(new RegExp(` spent, ${RegExp.escape(balance)}\\.$`));
  });

  test.each([
    ['41230', '$412.30 of $400.00 spent, $12.30 over today.'],
    ['31230', '$312.30 of $400.00 spent, $87.70 left today.'],
    ['40000', '$400.00 of $400.00 spent, nothing left today.'],
  ])('with %s of 40000 spent says today for a daily budget', (spentMinor, text) => {
    const period = { start: '2026-11-21', end: '2026-11-22' };
    expect(spentOf({ periodKind: 'daily', period, spentMinor })).toBe(text);
  });

  test.each([
    ['39999', '99% of the monthly budget'],
    ['40000', '100% of the monthly budget'],
    ['40399', '100% of the monthly budget'],
    ['399999', '999% of the monthly budget'],
    ['400000', '10 times the monthly budget'],
    ['519999', '12 times the monthly budget'],
    ['40000000', '1,000 times the monthly budget'],
    ['1000000000000000', 'more than 1,000 times the monthly budget'],
  ])('says that %s of 40000 is %s, rounded down', (spentMinor, share) => {
    expect(render({ spentMinor }).title).toBe(`Groceries: ${share}`);
  });

  test.each(['info', 'warning', 'danger', 'critical'] as const)(
    'reads the same with severity %s',
    (severity) => {
      expect(render({ severity })).toEqual(render());
    },
  );
});

describe('the expense that tipped a budget over', () => {
  const expense = { merchant: 'CORNER MARKET', category: 'food', amountMinor: '12000', currency: 'USD' };
  const tipped = (change: Partial<AlertFacts>) => render(change).text.split('. ').at(-1);

  test.each([
    [{}, 'CORNER MARKET, $120.00, took it over 100%.'],
    [
      { merchant: null, category: 'Food & drink' },
      'An expense of $120.00 in Food & drink took it over 100%.',
    ],
    [{ merchant: ' \n ' }, 'An expense of $120.00 in food took it over 100%.'],
    [{ merchant: null, category: null }, 'An expense of $120.00 took it over 100%.'],
    [{ merchant: 'A\nB\u202e' }, 'A B, $120.00, took it over 100%.'],
    [{ merchant: 'm'.repeat(41) }, `${'m'.repeat(39)}…, $120.00, took it over 100%.`],
    [{ amountMinor: '5000', currency: 'EUR' }, 'CORNER MARKET, €50.00, took it over 100%.'],
  ])('%j is named as "%s"', (change, sentence) => {
    expect(tipped({ tippedBy: { ...expense, ...change } })).toBe(sentence);
  });

  test('took it to the level where spending is exactly that', () => {
    expect(tipped({ tippedBy: expense, spentMinor: '40000' })).toBe(
      'CORNER MARKET, $120.00, took it to 100%.',
    );
  });

  test('is not named by a recovery', () => {
    expect(render({ type: 'recovery', tippedBy: expense }).text).not.toContain('CORNER');
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
      title: `Groceries, ${name}: 103% of the ${periodKind} budget`,
      text: `Groceries, ${name}: $412.30 of $400.00 spent, $12.30 over.`,
    });
  });

  test('names the period if it was current when the alert opened', () => {
    expect(render({}, { today: '2026-12-01' }).text).toBe(
      'Groceries, November 2026: $412.30 of $400.00 spent, $12.30 over.',
    );
  });
});

describe('the in-app message of a recovery', () => {
  const recovery = { type: 'recovery', level: 95, spentMinor: '37000' } as const;

  test('names the level that spending fell below', () => {
    expect(render(recovery)).toEqual({
      title: 'Groceries is back below 95%',
      text: 'Groceries is back below 95%: $370.00 of $400.00 spent, $30.00 left, about $3 a day for 10 days.',
    });
  });

  test('names a past period', () => {
    const period = { start: '2026-10-01', end: '2026-11-01' };
    expect(render({ ...recovery, period, phase: 'past' }).text).toBe(
      'Groceries, October 2026, is back below 95%: $370.00 of $400.00 spent, $30.00 left.',
    );
  });

  test('says so if refunds exceed spending', () => {
    expect(render({ ...recovery, spentMinor: '-500' }).text).toContain(
      ': more came back than was spent, $405.00 left,',
    );
  });
});

describe('figures in a message', () => {
  test.each([
    ['en-US', 'USD', '$412.30 of $400.00 spent, $12.30 over'],
    ['de-DE', 'EUR', '412,30\u00a0€ of 400,00\u00a0€ spent, 12,30\u00a0€ over'],
    ['ja-JP', 'JPY', '￥41,230 of ￥40,000 spent, ￥1,230 over'],
    ['en-US', 'JPY', '¥41,230 of ¥40,000 spent, ¥1,230 over'],
    ['en-US', 'KWD', 'KWD\u00a041.230 of KWD\u00a040.000 spent, KWD\u00a01.230 over'],
    ['de-DE', 'BHD', '41,230\u00a0BHD of 40,000\u00a0BHD spent, 1,230\u00a0BHD over'],
    // Intl would show HUF without decimals.
    ['en', 'HUF', 'HUF\u00a0412.30 of HUF\u00a0400.00 spent, HUF\u00a012.30 over'],
    ['en-US', 'CAD', 'CA$412.30 of CA$400.00 spent, CA$12.30 over'],
    ['en-CA', 'USD', 'US$412.30 of US$400.00 spent, US$12.30 over'],
    ['en-CA', 'CAD', '$412.30 of $400.00 spent, $12.30 over'],
    // Only one currency has this sign; several have kr.
    ['en', 'TRY', '₺412.30 of ₺400.00 spent, ₺12.30 over'],
    ['en', 'SEK', 'SEK\u00a0412.30 of SEK\u00a0400.00 spent, SEK\u00a012.30 over'],
  ])('in %s of %s are "%s"', (locale, currency, figures) => {
    expect(spentOf({ currency }, { locale })).toBe(`${figures}, with 10 days left this month.`);
  });

  test.each([
    ['en-US', '103%'],
    ['de-DE', '103\u00a0%'],
    ['ja-JP', '103%'],
  ])('in %s have the percent sign as "%s"', (locale, percent) => {
    expect(render({}, { locale }).title).toBe(`Groceries: ${percent} of the monthly budget`);
  });

  const past = { start: '2026-10-05', end: '2026-10-12' };
  const large = { spentMinor: '123456789012345678', periodKind: 'weekly', period: past } as const;

  test.each([
    ['en', '$1,234,567,890,123,456.78', '$400.00', 'October 5, 2026'],
    ['de-AT', '$\u00a01.234.567.890.123.456,78', '$\u00a0400,00', '5. Oktober 2026'],
    ['fr', '1\u202f234\u202f567\u202f890\u202f123\u202f456,78\u00a0$US', '400,00\u00a0$US', '5 octobre 2026'],
    ['hi-IN', '$1,23,45,67,89,01,23,456.78', '$400.00', '5 अक्टूबर 2026'],
    // The Persian calendar of fa-IR would put October into two months of another year.
    ['fa-IR-u-nu-latn', '\u200e$\u00a01,234,567,890,123,456.78', '\u200e$\u00a0400.00', '5 اکتبر 2026'],
  ])('follow the locale %s', (locale, spent, budget, day) => {
    expect(render(large, { locale }).text).toContain(
      `Groceries, week of ${day}: ${spent} of ${budget} spent, `,
    );
  });

  test('from right to left are isolated from the words around them', () => {
    expect(render({ currency: 'KWD' }, { locale: 'ar' }).text).toContain(
      '\u2068\u200f41.230\u00a0د.ك.\u200f\u2069 of \u2068',
    );
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
    expect(render({ ruleName }).title).toBe(`${name}: 103% of the monthly budget`);
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
