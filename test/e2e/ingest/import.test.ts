/** `spendwatch import` as an operator runs it, with real processes; one is killed in the middle of a file. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { sql as statement } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { runCommand } from '../../support/servers/command-line.ts';
import { freshDatabase, type FreshDatabase } from '../../support/servers/database.ts';
import { environment, killOutright, ServiceProcess } from '../../support/servers/processes.ts';
import { queuesOfFile } from '../../support/servers/queue-settings.ts';

const bin = path.resolve('src/cli/spendwatch.js');
const published = path.resolve('../shared/data/birmingham-purchase-cards-2019-2021.csv.gz');

const queues = await queuesOfFile();
let database: FreshDatabase;
let settings: Record<string, string>;
let folder: string;

beforeAll(async () => {
  database = await freshDatabase();
  settings = {
    DATABASE_URL: database.url,
    JWT_SECRET: 'a-secret-of-these-tests-of-32-characters',
    ...queues,
  };
  folder = await mkdtemp(path.join(tmpdir(), 'spendwatch-import-'));
});

afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});

async function createTenant(): Promise<string> {
  const draft = ['--name', 'Import', '--timezone', 'Europe/Berlin', '--currency', 'EUR'];
  return String((await runCommand(settings, 'tenant', 'create', ...draft))['tenantId']);
}

const importFile = (file: string, tenantId: string, ...more: string[]): Promise<Record<string, unknown>> =>
  runCommand(settings, 'import', file, '--tenant', tenantId, ...more);

async function writeStatement(name: string, lines: readonly string[]): Promise<string> {
  const file = path.join(folder, name);
  const text = `${lines.join('\n')}\n`;
  await writeFile(file, name.endsWith('.gz') ? gzipSync(text) : text);
  return file;
}

/** Events of `left` that `right` lacks. Compares all of an event except its time of receipt and its batch. */
async function eventsMissing(left: string, right: string): Promise<unknown[]> {
  const events = (tenantId: string) => statement`
    select id, encode(fingerprint, 'hex'), type, time, expense_id, user_id, category_id, merchant, amount_minor,
      currency, spent_at
    from events where tenant_id = ${tenantId} and source = 'import'`;
  const { rows } = await statement`${events(left)} except all ${events(right)}`.execute(database.sql);
  return rows;
}

async function countEvents(tenantId: string): Promise<number> {
  const { rows } = await statement<{ count: string }>`
    select count(*) from events where tenant_id = ${tenantId}`.execute(database.sql);
  return Number(rows[0]?.count);
}

const header = 'date,user,category,merchant,amount';
/** Makes rows: every fifth repeats the one before, and every hundredth has no category. */
const manyRows = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => {
    const number = index % 5 === 4 ? index - 1 : index;
    const category = number % 100 === 0 ? '' : `c${number % 7}`;
    return `2026-0${1 + (number % 9)}-15,u${number % 50},${category},"SHOP, ${number % 400}",${number % 90}.50`;
  });

/** Starts an import and ends it by `signal` once there are more events than `from`. Returns how it ended. */
async function interrupt(file: string, tenantId: string, signal: NodeJS.Signals, from: number) {
  const child = spawn(process.execPath, [bin, 'import', file, '--tenant', tenantId], {
    env: environment(settings),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = once(child, 'close');
  const waitOptions = { timeout: 30_000, interval: 5 };
  await vi.waitFor(async () => expect(await countEvents(tenantId)).toBeGreaterThan(from), waitOptions);
  child.kill(signal);
  await ended;
  return { code: child.exitCode, signal: child.signalCode, errors };
}

describe('a file whose import is stopped, started again, killed and started again', () => {
  const rows = 12_000;

  test('leaves the same events as one import without an interruption', async () => {
    const file = await writeStatement('many.csv.gz', [header, ...manyRows(rows)]);
    const [killed, whole] = [await createTenant(), await createTenant()];
    const stopped = await interrupt(file, killed, 'SIGINT', 0);
    expect(stopped).toMatchObject({
      code: 1,
      errors: expect.stringContaining('run it again, and it goes on'),
    });
    const stored = await countEvents(killed);
    expect(await interrupt(file, killed, 'SIGKILL', stored)).toMatchObject({ signal: 'SIGKILL' });
    const before = await countEvents(killed);
    expect(before).toBeGreaterThan(stored);
    expect(before).toBeLessThan(rows - rows / 100);
    const again = await importFile(file, killed);
    const rejectedFile = path.join(folder, 'many.rejected.csv');
    const expected = { rows, rejected: rows / 100, rejectedFile };
    expect(again).toEqual({ ...expected, duplicates: before, accepted: rows - rows / 100 - before });
    const rejected = await readFile(rejectedFile, 'utf8');
    expect(await importFile(file, whole)).toEqual({
      ...expected,
      duplicates: 0,
      accepted: rows - rows / 100,
    });
    expect(await readFile(rejectedFile, 'utf8')).toBe(rejected);
    expect(await countEvents(killed)).toBe(rows - rows / 100);
    expect(await eventsMissing(killed, whole)).toEqual([]);
    expect(await eventsMissing(whole, killed)).toEqual([]);
  });
});

describe('a row of a statement', () => {
  test('is spent at noon in the person’s time zone, in its currency or else the tenant’s', async () => {
    const tenantId = await createTenant();
    await statement`
      insert into users (tenant_id, id, timezone, registered_at)
      values (${tenantId}, 'far', 'Asia/Tokyo', now())`.execute(database.sql);
    const file = await writeStatement('days.csv', [
      'Spent At,userId,category_id,amount,currency',
      '2026-07-01,near,food,10.5,',
      '2026-07-01,far,food,10,JPY',
      '2026-07-01T23:30,near,food,-1,',
    ]);
    expect(await importFile(file, tenantId)).toEqual({ rows: 3, accepted: 3, duplicates: 0, rejected: 0 });
    const { rows } = await statement`
      select user_id, amount_minor::int as minor, currency, to_char(spent_at at time zone 'UTC', 'DD HH24:MI') as spent,
        to_char(time at time zone 'UTC', 'MM-DD HH24:MI') as time
      from events where tenant_id = ${tenantId} order by position`.execute(database.sql);
    expect(rows).toEqual([
      { user_id: 'near', minor: 1050, currency: 'EUR', spent: '01 10:00', time: '06-30 22:00' },
      { user_id: 'far', minor: 10, currency: 'JPY', spent: '01 03:00', time: '06-30 15:00' },
      { user_id: 'near', minor: -100, currency: 'EUR', spent: '01 21:30', time: '07-01 21:30' },
    ]);
  });

  test('that is invalid goes to the rejected file unchanged, with its line and the reason', async () => {
    const tenantId = await createTenant();
    const today = Temporal.Now.zonedDateTimeISO('Europe/Berlin').toPlainDate();
    const file = await writeStatement('bad.csv', [
      'id,date,user,category,amount,currency,merchant',
      `a,${today.toString()},u1,food,1,EUR,`,
      'b,2026-07-01,u1,food,1,EURO,"two\nlines, ""quoted"""',
      `c,${today.add({ days: 2 }).toString()},u1,food,1,EUR,`,
      'a,2026-07-01,u1,food,2,EUR,',
      'd,2026-07-01,u1,food',
      `a,${today.toString()},u1,food,1,EUR,`,
    ]);
    const rejectedFile = path.join(folder, 'bad.rejected.csv');
    const counts = { rows: 6, accepted: 1, duplicates: 1, rejected: 4, rejectedFile };
    expect(await importFile(file, tenantId)).toEqual(counts);
    const records: string[][] = parse(await readFile(rejectedFile), { relax_column_count: true });
    expect(records.map((record) => [record[0], ...record.slice(-2)])).toEqual([
      ['id', 'line', 'reason'],
      ['b', '3', 'currency is not an ISO 4217 code, like USD'],
      ['c', '5', 'dated ahead of the clock'],
      ['a', '6', 'id of an earlier row that says otherwise'],
      ['d', '7', 'not as many columns as the header'],
    ]);
    expect(records[1]?.[6]).toBe('two\nlines, "quoted"');
    await writeStatement('bad.csv', ['id,date,user,category,amount', 'e,2026-07-01,u1,food,1']);
    await importFile(file, tenantId);
    expect(existsSync(rejectedFile)).toBe(false);
  });

  test('that was imported with another column mapping is rejected, not taken for a duplicate', async () => {
    const tenantId = await createTenant();
    const file = await writeStatement('kinds.csv', [
      'date,user,kind,sort,amount',
      '2026-07-01,u1,food,fish,1',
    ]);
    await importFile(file, tenantId, '--map', 'category=kind');
    expect(await importFile(file, tenantId, '--map', 'category=kind')).toMatchObject({ duplicates: 1 });
    await expect(importFile(file, tenantId, '--map', 'category=sort')).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringContaining('"rejected":1'),
    });
    expect(await readFile(path.join(folder, 'kinds.rejected.csv'), 'utf8')).toContain('read differently');
  });
});

describe('a file of rejected rows', () => {
  const rejected = () => path.join(folder, 'unwritable.rejected.csv');
  afterEach(() => rm(rejected(), { recursive: true, force: true }));

  /** One line of error after the lines of progress, without a stack. */
  const failed = (code: string) =>
    expect.stringMatching(
      new RegExp(`^(import: .*\\n)*error: cannot write ${rejected()}, .* \\(${code}\\): .*\\n$`),
    );

  // A single row fails when the file is closed, many rows while they are written.
  test.skipIf(!existsSync('/dev/full')).each([1, 3000])(
    'on a full disk ends the command, with %i rejected rows',
    async (bad) => {
      const tenantId = await createTenant();
      const rows = Array.from({ length: bad }, (_, index) => `2026-07-01,u1,,SHOP ${index},1`);
      const file = await writeStatement('unwritable.csv', [header, '2026-07-01,u1,food,SHOP,1', ...rows]);
      await symlink('/dev/full', rejected());
      await expect(importFile(file, tenantId)).rejects.toMatchObject({ code: 1, stderr: failed('ENOSPC') });
      expect(await countEvents(tenantId)).toBe(1);
    },
  );

  test('that is a folder ends the command before any event is stored', async () => {
    const tenantId = await createTenant();
    const file = await writeStatement('unwritable.csv', [header, '2026-07-01,u1,food,SHOP,1']);
    await mkdir(rejected());
    await expect(importFile(file, tenantId)).rejects.toMatchObject({ code: 1, stderr: failed('EISDIR') });
    expect(await countEvents(tenantId)).toBe(0);
  });
});

test('workers evaluate imported events', async () => {
  const tenantId = await createTenant();
  const file = await writeStatement('evaluated.csv', [header, ...manyRows(2500)]);
  const worker = await ServiceProcess.start('worker', settings);
  try {
    await worker.logged('started');
    const { accepted } = await importFile(file, tenantId);
    const spending = statement<{ count: string; total: string }>`
      select count(*), coalesce(sum(amount_minor), 0) as total from expenses where tenant_id = ${tenantId}`;
    await vi.waitFor(
      async () => expect((await spending.execute(database.sql)).rows[0]?.count).toBe(String(accepted)),
      { timeout: 30_000, interval: 50 },
    );
    const daily = await statement<{ total: string }>`
      select sum(amount_minor) as total from daily_spend where tenant_id = ${tenantId}`.execute(database.sql);
    expect(daily.rows[0]?.total).toBe((await spending.execute(database.sql)).rows[0]?.total);
  } finally {
    await killOutright(worker, []);
  }
});

describe('an import that cannot start', () => {
  const nobody = '01a20366-d534-7ad4-baa5-cf2d9295768f';

  test.each([
    ['plain.csv', ['--map', 'card=who'], '"card=who" is not FIELD=COLUMN. Fields: id, user, category'],
    [
      'plain.csv',
      ['--map', 'user=who'],
      'no column "who" for user; its columns: date, user, category, amount',
    ],
    [
      'odd.csv',
      [],
      'no column "card_last4" for user (or "user", "user id", "person"); its columns: when, who',
    ],
    ['none.csv', [], 'cannot read '],
    ['plain.csv', [], `there is no tenant ${nobody} in this database`],
  ])('names the reason for %s with %j', async (name, more, message) => {
    await writeStatement('plain.csv', ['date,user,category,amount', '2026-07-01,u1,food,1']);
    await writeStatement('odd.csv', ['when,who', '2026-07-01,u1']);
    await expect(importFile(path.join(folder, name), nobody, ...more)).rejects.toThrow(message);
  });
});

test.runIf(existsSync(published) && process.env['TEST_EVERYTHING'])(
  'three years of published statements are imported, except for rows without a category or amount',
  async () => {
    const draft = ['--name', 'Published', '--timezone', 'Europe/London', '--currency', 'GBP'];
    const { tenantId } = await runCommand(settings, 'tenant', 'create', ...draft);
    const file = path.join(folder, 'published.csv.gz');
    await copyFile(published, file);
    const counts = {
      rows: 123_699,
      rejected: 346,
      rejectedFile: path.join(folder, 'published.rejected.csv'),
    };
    expect(await importFile(file, String(tenantId))).toEqual({ ...counts, accepted: 123_353, duplicates: 0 });
    const rejected: Record<string, string>[] = parse(await readFile(counts.rejectedFile), { columns: true });
    const reasons = Map.groupBy(rejected, ({ reason }) => reason);
    expect(reasons.get('no category')).toHaveLength(307);
    expect(reasons.get('no amount in GBP')).toHaveLength(39);
  },
);
