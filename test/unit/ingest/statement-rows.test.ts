import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { medianOf } from '../../../src/demo/statements/median-budgets.ts';
import type { Replay } from '../../../src/demo/replay.ts';
import { readStatement, type ReplayOptions } from '../../../src/demo/statements/statement-replay.ts';
import { findColumns, parseColumnMap, StatementError } from '../../../src/ingest/statement-files/columns.ts';
import { createRowReader } from '../../../src/ingest/statement-files/read-row.ts';

const header = [
  'transaction_date',
  'card_last4',
  'merchant',
  'original_amount',
  'original_currency',
  'billed_amount',
  'billed_currency',
  'category',
];
const good = ['2021-11-10', '6208', 'costco', '85.43', 'GBP', '85.43', 'GBP', 'Fuel'];
const withValues = (values: Record<string, string>): string[] =>
  header.map((column, index) => values[column] ?? good[index] ?? '');

const readerFor = (currency = 'GBP', timeZone = 'Europe/London') =>
  createRowReader({ columns: findColumns(header, {}), currency, timeZone });

describe('a row of a statement', () => {
  it('is an expense at local noon', () => {
    const winter = readerFor()(good);
    expect(winter).toMatchObject({
      ok: true,
      row: { userId: '6208', categoryId: 'Fuel', merchant: 'costco', amountMinor: 8543n, day: '2021-11-10' },
    });
    const noonOf = (date: string): string | undefined => {
      const read = readerFor()(withValues({ transaction_date: date }));
      return read.ok ? read.row.spentAt.toString() : undefined;
    };
    expect(noonOf('2021-11-10')).toBe('2021-11-10T12:00:00Z');
    expect(noonOf('2021-07-10')).toBe('2021-07-10T11:00:00Z');
    expect(noonOf('2021-07-10T23:30')).toBe('2021-07-10T22:30:00Z');
    expect(noonOf('2021-07-10T23:30:00+02:00')).toBe('2021-07-10T21:30:00Z');
  });

  it.each([
    ['amount billed in the currency of the statement', {}, 8543],
    ['original amount if none was billed', { billed_amount: '', original_amount: '62.5' }, 6250],
    ['original amount if another currency was billed', { billed_currency: 'USD', original_amount: '7' }, 700],
    ['negative amount of a refund', { billed_amount: '-20.1' }, -2010],
  ])('has the %s', (_, values, amount) => {
    const amountMinor = BigInt(amount);
    expect(readerFor()(withValues(values))).toMatchObject({ ok: true, row: { amountMinor } });
  });

  it.each([
    [{ billed_amount: '', original_currency: 'USD' }, 'no amount in GBP'],
    [{ billed_amount: '', original_amount: '' }, 'no amount in GBP'],
    [{ billed_amount: '1,20.00' }, 'unreadable amount: not written as a number'],
    [{ billed_amount: '1.005' }, 'unreadable amount: must have at most 2 decimals in GBP'],
    [{ category: ' ' }, 'no category'],
    [{ card_last4: '' }, 'no person'],
    [{ transaction_date: '' }, 'no date'],
    [{ transaction_date: '10/11/2021' }, 'unreadable date'],
    [{ transaction_date: '2021-02-30' }, 'unreadable date'],
    [{ category: 'x'.repeat(129) }, 'category is not 1 to 128 printable characters, one of them visible'],
    [{ merchant: 'x'.repeat(501) }, 'merchant of more than 500 characters'],
  ])('is refused with its reason: %j', (values, reason) => {
    expect(readerFor()(withValues(values))).toEqual({ ok: false, reason });
  });

  it('is refused if a column is missing', () => {
    expect(readerFor()(good.slice(1))).toEqual({ ok: false, reason: 'not as many columns as the header' });
  });

  it('has an expense id of its own if it repeats, the same on every run', () => {
    const idsOf = (): unknown[] => {
      const read = readerFor();
      return [good, withValues({ billed_amount: '1' }), good, good].map((record) => {
        const result = read(record);
        return result.ok ? result.row.expenseId : result;
      });
    };
    const ids = idsOf();
    expect(new Set(ids).size).toBe(4);
    expect(ids[2]).toBe(String(ids[0]).replace(/-1$/, '-2'));
    expect(idsOf()).toEqual(ids);
  });
});

describe('the columns of a statement', () => {
  it('are those of the column map, or else those of the published statements', () => {
    const map = parseColumnMap('user=who, amount=value');
    expect(map).toEqual({ user: 'who', amount: 'value' });
    const columns = findColumns(['value', 'who', 'category', 'transaction_date'], map);
    expect(Object.fromEntries(columns.at)).toEqual({ amount: 0, user: 1, category: 2, date: 3 });
  });

  it.each(['user', 'card=who', 'user='])('are not accepted as "%s"', (text) => {
    expect(() => parseColumnMap(text)).toThrow(StatementError);
  });

  it('must exist if they are required or named', () => {
    expect(() => findColumns(['a', 'b'], {})).toThrow('the file has no column "card_last4" for user');
    expect(() => findColumns(['a', 'amount'], {})).toThrow(
      'It has none for category either, or say one for all: --category ID. It has none for date either',
    );
    expect(() => findColumns(['date', 'amount'], {}, { user: 'u', category: 'c' })).not.toThrow();
    expect(() => findColumns(header, { description: 'memo' })).toThrow('no column "memo" for description');
  });
});

it.each([
  ['5', 5],
  ['3 1 2', 2],
  ['1 2', 2],
  ['1 4 2 9', 3],
  ['-3 -2', -2],
  ['-5 2', -1],
])('the median of %s is %s', (values, median) => {
  expect(medianOf(values.split(' ').map(BigInt))).toBe(BigInt(median));
});

describe('a statement file', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'statement-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const write = async (name: string, rows: readonly string[][]): Promise<string> => {
    const file = path.join(folder, name);
    const text = [header, ...rows].map((row) => row.join(',')).join('\n');
    await writeFile(file, name.endsWith('.gz') ? gzipSync(text) : text);
    return file;
  };
  const read = (file: string, options: Partial<ReplayOptions> = {}) =>
    readStatement({ file, live: null, map: {}, timeZone: null, ...options });
  const row = (date: string, amount = '10'): string[] =>
    withValues({ transaction_date: date, billed_amount: amount });
  const postedDays = ({ steps }: Replay): string[] =>
    steps.flatMap(({ events }) =>
      events.map(({ data }) => ('spentAt' in data ? data.spentAt.slice(0, 10) : '')),
    );

  it('replays its last month or the named one, with earlier months as history', async () => {
    const rows = [
      row('2021-08-01'),
      row('2021-09-01'),
      row('2021-10-02'),
      row('2021-10-03'),
      row('2021-11-01'),
    ];
    const file = await write('months.csv.gz', rows);
    const last = await read(file);
    expect(last.replay).toMatchObject({
      tenant: { currency: 'GBP', timezone: 'Europe/London' },
      historyCount: 4,
    });
    expect(postedDays(last.replay)).toEqual(['2021-11-01']);
    const named = await read(file, { live: '2021-10' });
    expect(named).toMatchObject({ later: 1, replay: { historyCount: 2 } });
    expect(postedDays(named.replay)).toEqual(['2021-10-02', '2021-10-03']);
    await expect(read(file, { live: '2020-01' })).rejects.toThrow('they go from 2021-08 to 2021-11');
  });

  it('is posted by date, and within a day in the order of the file', async () => {
    const { replay } = await read(
      await write('order.csv', [row('2021-11-05', '1'), row('2021-11-03', '2'), row('2021-11-05', '3')]),
    );
    expect(replay.steps.map(({ at }) => at.toString())).toEqual([
      '2021-11-03T12:00:00Z',
      '2021-11-05T12:00:00Z',
    ]);
    const posted = replay.steps.flatMap(({ events }) => events);
    expect(posted.map(({ data }) => 'amount' in data && data.amount)).toEqual(['2.00', '1.00', '3.00']);
  });

  it('gives a budget of the monthly median if three or more months have rows', async () => {
    const months = [
      row('2021-01-05', '10'),
      row('2021-02-05', '30'),
      row('2021-02-06', '1'),
      row('2021-05-07', '20'),
    ];
    const enough = await read(await write('enough.csv', [...months, row('2021-06-01')]));
    expect(enough.replay.rules).toEqual([
      { userId: '6208', body: { name: 'Fuel', categoryId: 'Fuel', budgetAmount: '20.00' } },
    ]);
    const tooFew = await read(await write('few.csv', [...months.slice(0, 3), row('2021-06-01')]));
    expect(tooFew.replay.rules).toEqual([]);
  });

  it('is refused with a reason if it cannot be used', async () => {
    await expect(read(path.join(folder, 'none.csv'))).rejects.toThrow('cannot read');
    await expect(read(await write('empty.csv', []))).rejects.toThrow('no row that can be used');
    const file = path.join(folder, 'torn.csv.gz');
    await writeFile(file, gzipSync(good.join(',')).subarray(0, 30));
    await expect(read(file)).rejects.toThrow('not a whole gzip file');
  });
});

const published = path.resolve('../shared/data/birmingham-purchase-cards-2019-2021.csv.gz');

describe.skipIf(!existsSync(published))('the published statements of three years', () => {
  it('are read completely, except for rows without a category or an amount', async () => {
    const options = { file: published, live: '2021-11', map: {}, timeZone: null };
    const { replay, rejected, later } = await readStatement(options);
    const live = replay.steps.flatMap(({ events }) => events);
    const reasons = Map.groupBy(rejected, ({ reason }) => reason);
    expect(Object.fromEntries([...reasons].map(([reason, rows]) => [reason, rows.length]))).toEqual({
      'no category': 307,
      'no amount in GBP': 39,
    });
    expect({ history: replay.historyCount, live: live.length, later }).toEqual({
      history: 115_120,
      live: 5014,
      later: 3219,
    });
    const ids = new Set([...replay.history, ...live].map(({ id }) => id));
    expect(ids.size).toBe(115_120 + 5014);
    expect(replay.rules.length).toBe(4044);
  });
});
