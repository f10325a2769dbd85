/** Files as banks write them, through the real command: imported with the right sum, or refused with the true reason. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runLine } from '../../support/servers/command-line.ts';
import { ImportWorld, lines } from '../../support/worlds/statements/import-world.ts';

let world: ImportWorld;
beforeAll(async () => {
  world = await ImportWorld.start();
});
afterAll(() => world.stop());

const mine = ['--user', 'u1', '--category', 'unsorted'];
const plainHeader = 'user,category,date,merchant,amount';

describe('the file of a bank', () => {
  test('in Windows-1252 with semicolons and decimal commas keeps its umlauts', async () => {
    const tenantId = await world.createTenant();
    const text = lines(
      '"Konto";"Buchungstag";"Verwendungszweck";"Empf\u00e4nger";"Betrag";"Waehrung"',
      '"DE1";"03.11.26";"KARTE";"B\u00c4CKEREI S\u00dcSS";"-17,56";"EUR"',
      '"DE1";"04.11.26";"KARTE";"CAF\u00c9 GR\u00dcN";"-1.035,00";"EUR"',
    );
    const file = await world.write('latin.csv', Buffer.from(text, 'latin1'));
    const named = [...mine, '--map', 'merchant=Empfänger'];
    expect((await world.refuse(file, tenantId, ...named)).stderr).toContain('Say --spent negative');
    expect(await world.importFile(file, tenantId, ...named, '--spent', 'negative')).toMatchObject({
      accepted: 2,
    });
    expect(await world.spentIn(tenantId)).toEqual({ sum: 105_256, expenses: 2 });
    expect(await world.columnOf(tenantId, 'merchant')).toEqual(['BÄCKEREI SÜSS', 'CAFÉ GRÜN']);
  });

  test('with lines before its header and a column of direction needs no option for either', async () => {
    const tenantId = await world.createTenant();
    const file = await world.write(
      'before.csv',
      '\u{feff}"Girokonto";"DE00"\r\n""\r\n"Kontostand vom 20.11.2026:";"1.234,50 €"\r\n""\r\n' +
        '"Buchungsdatum";"Status";"Zahlungsempfänger*in";"Verwendungszweck";"Umsatztyp";"Betrag (€)"\r\n' +
        '"10.11.26";"Gebucht";"Stadtwerke";"Strom";"Ausgang";"-65"\r\n' +
        '"09.11.26";"Gebucht";"Bäckerei";"Karte";"Ausgang";"-4,6"\r\n' +
        '"08.11.26";"Vorgemerkt";"Kino";"Karte";"Ausgang";"-9,9"\r\n' +
        '"05.11.26";"Gebucht";"Ich";"Lohn";"Eingang";"3.000"\r\n',
    );
    expect(await world.importFile(file, tenantId, ...mine)).toMatchObject({
      accepted: 2,
      rejected: 0,
      leftOut: { pending: 1, 'money that came in': 1 },
    });
    expect(await world.spentIn(tenantId)).toEqual({ sum: 6960, expenses: 2 });
  });

  test('adds the fee, leaves out what was reverted and what came in, and counts the refund', async () => {
    const tenantId = await world.createTenant();
    const file = await world.write(
      'fees.csv',
      lines(
        'Type,Started Date,Description,Amount,Fee,Currency,State,Balance',
        'Card Payment,2026-11-03 08:14:22,Bakery,-12.30,0.00,EUR,COMPLETED,487.70',
        'Card Payment,2026-11-05 19:40:01,Cinema,-20.00,0.20,EUR,COMPLETED,467.50',
        'Card Payment,2026-11-06 10:00:00,Hotel,-150.00,0.00,EUR,REVERTED,',
        'Topup,2026-11-01 09:00:00,Top-up,500.00,0.00,EUR,COMPLETED,500.00',
        'Card Refund,2026-11-08 12:00:00,Bakery,2.30,0.00,EUR,COMPLETED,469.80',
      ),
    );
    expect((await world.refuse(file, tenantId, ...mine)).stderr).toContain('3 of 5 amounts are below zero');
    const leftOut = { 'reverted, declined or cancelled': 1, 'money that came in': 1 };
    expect(await world.importFile(file, tenantId, ...mine, '--spent', 'negative')).toMatchObject({
      accepted: 3,
      leftOut,
    });
    expect(await world.spentIn(tenantId)).toEqual({ sum: 3020, expenses: 3 });
    const others = await world.createTenant();
    const options = ['--spent', 'negative', '--incoming', 'refunds'];
    expect(await world.importFile(file, others, ...mine, ...options)).toMatchObject({ accepted: 4 });
    expect(await world.spentIn(others)).toEqual({ sum: 3020 - 50_000, expenses: 4 });
  });

  test('in Shift_JIS without a header is read by the numbers of its columns', async () => {
    const tenantId = await world.createTenant('JPY');
    // 電気 and カード in Shift_JIS, with a line of the owner before and a total behind.
    const [electricity, card] = [
      Buffer.from([0x93, 0x64, 0x8b, 0x43]),
      Buffer.from([0x83, 0x4a, 0x81, 0x5b, 0x83, 0x68]),
    ];
    const content = Buffer.concat([
      card,
      Buffer.from(',1234\r\n2026/11/03,'),
      electricity,
      Buffer.from(',11402,1,\r\n2026/11/04,'),
      card,
      Buffer.from(',3456,1,\r\n,,14858,,\r\n'),
    ]);
    const file = await world.write('no-header.csv', content);
    const refused = await world.refuse(file, tenantId, ...mine);
    expect(refused.stderr).toContain('has no header: line 2 is a row already');
    const map = ['--map', 'date=1,merchant=2,amount=3'];
    expect(await world.importFile(file, tenantId, ...mine, ...map)).toMatchObject({
      accepted: 2,
      rejected: 1,
    });
    expect(await world.spentIn(tenantId)).toEqual({ sum: 14_858, expenses: 2 });
    expect(await world.columnOf(tenantId, 'merchant')).toEqual(['電気', 'カード']);
    expect(await readFile(path.join(world.folder, 'no-header.rejected.csv'), 'utf8')).toContain(
      ',,14858,,,4,no date',
    );
  });

  test.each([
    ['tab', '\t', 'utf-16le'],
    ['pipe', '|', 'utf-8'],
    ['semicolon', ';', 'utf-8'],
  ] as const)('with a %s between its columns is imported', async (name, delimiter, encoding) => {
    const tenantId = await world.createTenant();
    const text = lines(plainHeader, 'u1,food,2026-11-03,Café,12.00').replaceAll(',', delimiter);
    const bytes = encoding === 'utf-16le' ? Buffer.from(`\u{feff}${text}`, 'utf16le') : text;
    expect(await world.importFile(await world.write(`${name}.csv`, bytes), tenantId)).toMatchObject({
      accepted: 1,
    });
    expect(await world.columnOf(tenantId, 'merchant')).toEqual(['Café']);
  });

  test('whose dates have two readings is refused, and imported once the format is said', async () => {
    const tenantId = await world.createTenant();
    const file = await world.write('dates.csv', lines(plainHeader, 'u1,food,03/04/2026,A,1.00'));
    expect((await world.refuse(file, tenantId)).stderr).toContain('--date-format dd/MM/yyyy or MM/dd/yyyy');
    await world.importFile(file, tenantId, '--date-format', 'M/d/yyyy');
    expect(await world.columnOf(tenantId, 'time')).toEqual(['2026-03-03 23:00:00+00']);
    const settled = await world.write(
      'settled.csv',
      lines(plainHeader, 'u1,f,03/04/2026,A,1', 'u1,f,13/04/2026,B,1'),
    );
    expect(await world.importFile(settled, await world.createTenant())).toMatchObject({ accepted: 2 });
  });

  test('whose amounts have two readings is refused, and imported once the decimal sign is said', async () => {
    const tenantId = await world.createTenant();
    const file = await world.write('thousand.csv', lines(plainHeader, 'u1,food,2026-11-03,A,1.000'));
    expect((await world.refuse(file, tenantId)).stderr).toContain('--decimal . or --decimal ,');
    await world.importFile(file, tenantId, '--decimal', ',');
    expect(await world.spentIn(tenantId)).toEqual({ sum: 100_000, expenses: 1 });
  });

  test('of which no row can be used ends the command with the reasons', async () => {
    const tenantId = await world.createTenant();
    const file = await world.write(
      'all-bad.csv',
      lines(plainHeader, 'u1,food,soon,A,1.00', 'u1,food,later,B,2.00'),
    );
    const ran = await world.refuse(file, tenantId);
    expect(ran.stderr).toContain('unreadable date (rows: 2, first line 2)');
    expect(JSON.parse(ran.stdout)).toMatchObject({ rows: 2, accepted: 0, rejected: 2 });
  });
});

describe('a dry run', () => {
  const rows = ['Date;Payee;Amount', '03.11.2026;A;"1.250,00"', '04.11.2026;B;2,50', 'Total;;1252,50'];

  test('shows what would be read and why, and stores nothing', async () => {
    const tenantId = await world.createTenant();
    const file = await world.write('dry.csv', lines(...rows));
    const shown = await world.importFile(file, tenantId, ...mine, '--dry-run');
    expect(shown).toMatchObject({
      dryRun: true,
      dialect: { encoding: 'utf-8', delimiter: ';', headerLine: 1, dates: 'dd.MM.yyyy', decimal: ',' },
      columns: { date: 'Date', merchant: 'Payee', amount: 'Amount' },
      ambiguous: [],
      rows: 3,
      accepted: 2,
      rejected: [{ reason: 'unreadable date', rows: 1, firstLine: 4 }],
      first: [
        { type: 'expense.created', data: { merchant: 'A', amount: '1250.00', userId: 'u1' } },
        { data: { merchant: 'B', amount: '2.50' } },
      ],
    });
    expect(await world.spentIn(tenantId)).toEqual({ sum: 0, expenses: 0 });
    expect(existsSync(path.join(world.folder, 'dry.rejected.csv'))).toBe(false);
    const { stdout } = await runLine(
      world.settings,
      'import',
      file,
      '--tenant',
      tenantId,
      ...mine,
      '--dry-run',
    );
    expect(stdout).toContain('2 of 3 rows would be expenses');
  });

  test('of a file with two readings shows both and fails', async () => {
    const tenantId = await world.createTenant();
    const file = await world.write('two.csv', lines(plainHeader, 'u1,food,03/04/2026,A,1.000'));
    const { stdout } = await world.refuse(file, tenantId, '--dry-run');
    expect(JSON.parse(stdout)).toMatchObject({
      dialect: { dates: 'not found' },
      ambiguous: [expect.stringContaining('--date-format'), expect.stringContaining('--decimal')],
    });
  });
});
