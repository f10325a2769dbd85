/** What a row of a statement spent: its amount, the sign of what was spent, and rows that are no spending. */
import { describe, expect, it } from 'vitest';
import { readDigits, splitAmount } from '../../../src/ingest/statement-files/amount-text.ts';
import type { StatementOptions } from '../../../src/ingest/statement-files/options.ts';
import { readAmounts as amounts } from '../../support/worlds/statements/statement-rows.ts';

describe('an amount', () => {
  const minor = (text: string, currency = 'EUR', sign: '.' | ',' | null = null): number | string => {
    const amount = splitAmount(text);
    if (!amount) return 'no amount';
    const digits = readDigits(amount.digits, currency, { sign, strict: false });
    if (!digits.ok) return digits.message;
    return Number(digits.minor) * (amount.sign === '-' ? -1 : 1);
  };

  it.each([
    ['12.5', 1250],
    ['-4,6', -460],
    ['(12.00)', -1200],
    ['12.00-', -1200],
    ['−12.00', -1200],
    ['+ £1,100.00', 110_000],
    ['£1,183.23', 118_323],
    ['1.234,50 €', 123_450],
    ['EUR 1 234,50', 123_450],
    ["CHF 1'234.50", 123_450],
    ['12,34,567.00', 123_456_700],
    ['12,-', 1200],
    ['.50', 50],
    ['12.5000', 1250],
    ['12.505', '12.505 can be two amounts: say --decimal . or ,'],
    ['1.5055', 'must have at most 2 decimals in EUR'],
    ['1.000', '1.000 can be two amounts: say --decimal . or ,'],
    ['0.500', 50],
    ['12 34', 'not written as a number'],
    ['--5', 'no amount'],
    ['12.00 apples', 'no amount'],
    ['Total', 'no amount'],
  ])('%s is %s', (text, expected) => {
    expect(minor(text)).toBe(expected);
  });

  it('like 1.000 is a thousand, or refused, and never one', () => {
    expect(minor('1.000', 'EUR', ',')).toBe(100_000);
    expect(minor('1.000', 'EUR', '.')).toBe('must have at most 2 decimals in EUR');
    expect(minor('1,000', 'JPY')).toBe(1000);
  });

  it('names its direction and the currencies that it can mean', () => {
    expect(splitAmount('12.00 CR')).toMatchObject({ direction: 'credit', currencies: [] });
    expect(splitAmount('12,00 S')).toMatchObject({ direction: 'debit' });
    expect(splitAmount('£1')?.currencies).toEqual(['GBP']);
    expect(splitAmount('$1')?.currencies).toContain('CAD');
  });
});

describe('the amounts of a file', () => {
  it('take the decimal sign from all of them, for those that have two readings', async () => {
    expect(await amounts(['date;amount', '2026-11-03;1.000', '2026-11-03;2,50'])).toEqual([100_000, 250]);
    await expect(amounts(['date;amount', '2026-11-03;1.000'])).rejects.toThrow('"1.000" (line 2)');
    await expect(
      amounts(['date;amount', '2026-11-03;1.000', '2026-11-03;1,50', '2026-11-03;1.50']),
    ).rejects.toThrow('--decimal');
  });

  it('are in the currency beside them, and refused in one that contradicts the file', async () => {
    const rows = [
      'date;amount;currency',
      '2026-11-03;£1.00;GBP',
      '2026-11-03;£1.00;USD',
      '2026-11-03;$1.00;',
    ];
    expect(await amounts(rows)).toEqual([
      100,
      'the amount names another currency than USD',
      'the amount names another currency than EUR',
    ]);
  });

  it.each<[string, string[], Partial<StatementOptions>, (number | string)[]]>([
    [
      'debit minus credit',
      ['date;debit;credit', '2026-11-03;10;', '2026-11-03;;4'],
      { incoming: 'refunds' },
      [1000, -400],
    ],
    [
      'debit written below zero',
      ['date;debit;credit', '2026-11-03;-10;', '2026-11-03;;4'],
      { incoming: 'refunds' },
      [1000, -400],
    ],
    [
      'a column of words',
      ['date;amount;s/h', '2026-11-03;10;S', '2026-11-03;4;H', '2026-11-03;1;'],
      { incoming: 'refunds' },
      [1000, -400, 'no word for debit or credit'],
    ],
    [
      'a last column without a name',
      ['date,amount,', '2026-11-03,10,', '2026-11-03,4,CR'],
      { incoming: 'refunds' },
      [1000, -400],
    ],
    [
      'letters behind the amount',
      ['date;amount', '2026-11-03;10 DR', '2026-11-03;4 CR'],
      { incoming: 'refunds' },
      [1000, -400],
    ],
    [
      'the sign that was said',
      ['date;amount', '2026-11-03;-10', '2026-11-03;-7', '2026-11-03;4'],
      { spent: 'negative', incoming: 'refunds' },
      [1000, 700, -400],
    ],
    [
      'refunds below zero',
      ['date;amount', '2026-11-03;10', '2026-11-03;7', '2026-11-03;-4'],
      {},
      [1000, 700, -400],
    ],
    [
      'a fee beside a purchase',
      ['date;amount;fee', '2026-11-03;-10;0.20', '2026-11-03;-7;0'],
      { spent: 'negative' },
      [1020, 700],
    ],
    [
      'a fee written below zero',
      ['date;amount;fee', '2026-11-03;-10;-0.20', '2026-11-03;-7;0'],
      { spent: 'negative' },
      [1020, 700],
    ],
    [
      'the fee of money that came in',
      ['date;amount;fee', '2026-11-03;-10;0', '2026-11-03;50;1.50'],
      { spent: 'negative' },
      [1000, 150],
    ],
    [
      'a plus beside amounts without a sign',
      ['date;amount', '2026-11-03;10', '2026-11-03;+4'],
      {},
      [1000, 'a plus where other amounts have no sign: name the column that says debit or credit'],
    ],
  ])('are spent by %s', async (_, rows, said, expected) => {
    expect(await amounts(rows, said)).toEqual(expected);
  });

  it('that came in are refunds if the file paid their sender, or says so', async () => {
    const rows = [
      ['date;description;amount', '2026-11-03;Shop;-10', '2026-11-04;SHOP;4', '2026-11-05;Wages;900'],
      ['2026-11-06;Refund Store;3', '2026-11-06;Other;-1', '2026-11-06;Third;-1'],
    ].flat();
    const leftOut = 'money that came in';
    expect(await amounts(rows, { spent: 'negative' })).toEqual([1000, -400, leftOut, -300, 100, 100]);
  });

  it.each<[string, Partial<StatementOptions>, string]>([
    ['-10 -7 4', {}, '2 of 3 amounts are below zero. Say --spent negative'],
    ['-10 4', {}, '1 of 2 amounts are below zero'],
    ['10 7 -4', { spent: 'negative' }, 'with --spent negative, 2 of 3 amounts came in'],
  ])('like %s with %j are refused, because most would be refunds', async (texts, said, message) => {
    const rows = ['date;amount', ...texts.split(' ').map((text) => `2026-11-03;${text}`)];
    await expect(amounts(rows, said)).rejects.toThrow(message);
  });

  it('are refused if a named column and their signs contradict each other', async () => {
    const rows = ['date;amount;kind', '2026-11-03;-10;debit', '2026-11-03;4;debit'];
    await expect(amounts(rows, { map: { sign: 'kind' } })).rejects.toThrow('contradict each other');
  });
});

describe('the state of a row', () => {
  const rows = [
    'date;amount;status',
    '2026-11-03;10;Booked',
    '2026-11-04;4;Vorgemerkt',
    '2026-11-05;5;Declined',
    '2026-11-05;6;odd',
  ];

  it('leaves out what is pending or reverted, and rejects what is not known', async () => {
    expect(await amounts(rows)).toEqual([
      1000,
      'pending',
      'reverted, declined or cancelled',
      '"odd" is no state that is known',
    ]);
    expect(await amounts(rows, { map: { state: '-' } })).toEqual([1000, 400, 500, 600]);
  });

  it('is not read from a column whose values are others', async () => {
    expect(await amounts(['date;amount;state', '2026-11-03;10;CA', '2026-11-04;4;NY'])).toEqual([1000, 400]);
  });
});
