/** How a statement is written: found in the whole file, or asked for where two readings fit. */
import { describe, expect, it } from 'vitest';
import { createFormatReader } from '../../../src/ingest/statement-files/date-format.ts';
import { findEncoding } from '../../../src/ingest/statement-files/dialect/encoding.ts';
import type { StatementOptions } from '../../../src/ingest/statement-files/options.ts';
import {
  readAmounts as amounts,
  readStatementRows as read,
} from '../../support/worlds/statements/statement-rows.ts';

/** Bytes of text in which each letter is one byte, by the number of the letter. */
const latin = (text: string): Uint8Array => Buffer.from(text, 'latin1');
async function* inChunks(bytes: Uint8Array, size = bytes.length): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

describe('the encoding of a file', () => {
  const japanese = Buffer.from('93648b432c8367815b83598267', 'hex');

  it.each<[string, Uint8Array, string]>([
    ['UTF-8 without a mark', Buffer.from('Café, Größe, 電気'), 'utf-8'],
    ['UTF-8 with a mark', Buffer.from('\u{feff}abc'), 'utf-8'],
    ['UTF-16 with a mark', Buffer.from('\u{feff}abc', 'utf16le'), 'utf-16le'],
    ['UTF-16 without a mark', Buffer.from('date;amount', 'utf16le'), 'utf-16le'],
    ['German letters', latin('MÜLLER;Straße\nGRÜN'), 'windows-1252'],
    ['French letters', latin('CAFÉ DE LA GARE;forêt à côté'), 'windows-1252'],
    ['a sign for money', latin('£12.00'), 'windows-1252'],
    ['kanji and kana', japanese, 'shift_jis'],
  ])('is found for %s', async (_, bytes, encoding) => {
    expect(await findEncoding(inChunks(bytes), 'F.csv')).toBe(encoding);
    // A chunk may end within a character.
    expect(await findEncoding(inChunks(bytes, 3), 'F.csv')).toBe(encoding);
  });

  it.each<[string, Uint8Array]>([
    ['Polish in Windows-1250', latin('ok\nz³oty Lód\u{9f}')],
    ['Czech in Windows-1250', latin('øízek ìøe')],
    ['Russian in Windows-1251', latin('Ìàãíèò, Ïÿò¸ðî÷êà')],
    ['Chinese in GBK', Buffer.from('d6d0b9fac4e3bac3', 'hex')],
    ['Korean in EUC-KR', Buffer.from('c7d1b1b9bee7', 'hex')],
    ['UTF-8 with one byte that is none', Buffer.concat([Buffer.from('Café\n'), latin('Café')])],
  ])('is asked for, and never guessed, for %s', async (_, bytes) => {
    await expect(findEncoding(inChunks(bytes), 'F.csv')).rejects.toThrow('--encoding');
  });

  it('names the first line that is not UTF-8', async () => {
    const bytes = Buffer.concat([Buffer.from('a\nb\n'), latin('z³oty')]);
    await expect(findEncoding(inChunks(bytes), 'F.csv')).rejects.toThrow('F.csv is not UTF-8 (line 3)');
  });
});

const days = async (dates: readonly string[], said: Partial<StatementOptions> = {}): Promise<string[]> => {
  const rows = await read(['date;amount', ...dates.map((date) => `${date};1`)].join('\n'), said);
  return rows.map((row) => ('day' in row ? row.day : row.reason));
};

describe('the dates of a file', () => {
  it.each([
    [['2026-11-03'], ['2026-11-03']],
    [
      ['2026/11/3', '2026/2/10'],
      ['2026-11-03', '2026-02-10'],
    ],
    [['20261103'], ['2026-11-03']],
    [
      ['3.4.2026', '03.04.26'],
      ['2026-04-03', '2026-04-03'],
    ],
    [
      ['03/04/2026', '13/04/2026'],
      ['2026-04-03', '2026-04-13'],
    ],
    [
      ['03/04/2026', '04/13/2026'],
      ['2026-03-04', '2026-04-13'],
    ],
    [
      ['03-04-2026 18:11', '31-12-2026 6:11 PM'],
      ['2026-04-03', '2026-12-31'],
    ],
    [
      ['12-Nov-2026', '3 Mär 2026', 'May 4, 2026', '7 févr. 2026'],
      ['2026-11-12', '2026-03-03', '2026-05-04', '2026-02-07'],
    ],
    [['2026年11月3日'], ['2026-11-03']],
    // The year comes first: read from the end, these would span twenty years.
    [
      ['26/11/03', '26/11/25'],
      ['2026-11-03', '2026-11-25'],
    ],
    // Equal whichever comes first.
    [['03/03/2026'], ['2026-03-03']],
    [['2026-11-03T23:30:00-05:00'], ['2026-11-04']],
    [
      ['2026-02-30', '2026-11-03'],
      ['unreadable date', '2026-11-03'],
    ],
    [
      ['Pending', '2026-11-03'],
      ['pending', '2026-11-03'],
    ],
  ])('%j are %j', async (texts, expected) => {
    expect(await days(texts)).toEqual(expected);
  });

  it.each([
    [['03/04/2026'], '"03/04/2026" (line 2) can be 2026-04-03 or 2026-03-04'],
    [['11/3/26'], '2026-03-11 or 2026-11-03 or 2011-03-26'],
    [['26/11/03'], '--date-format dd/MM/yy or yy/MM/dd'],
    [['13/04/2026', '04/13/2026'], 'have no common order of day and month'],
  ])('%j are refused, with the option that decides', async (texts, message) => {
    await expect(days(texts)).rejects.toThrow(message);
  });

  it.each([
    ['dd.MM.yyyy', '3.11.2026', '2026-11-03'],
    ['M/d/yy', '11/3/26', '2026-11-03'],
    ["d 'de' MMMM 'de' yyyy", '3 de noviembre de 2026', '2026-11-03'],
    ['dd-MMM-yyyy HH:mm', '03-Nov-2026 23:10', '2026-11-03'],
    ['dd/MM/yyyy', '03/11/2026 08:14:22', '2026-11-03'],
    ['dd/MM/yyyy', '2026-11-03', 'unreadable date'],
    ['yyyyMMdd', '20261103', '2026-11-03'],
  ])('in the format %s said: %s is %s', async (dateFormat, text, day) => {
    expect(await days([text], { dateFormat })).toEqual([day]);
  });

  it.each(['DD.MM.YYYY', 'dd.MM', 'dd.MM.yyyy dd', 'Q'])('have no format "%s"', (format) => {
    expect(() => createFormatReader(format)).toThrow('like dd.MM.yyyy or M/d/yy');
  });
});

describe('the layout of a file', () => {
  it('has a header below other lines, and lines above it are no rows', async () => {
    expect(await amounts(['Account;DE00', '', 'From;01.11.2026', 'Date;Amount', '03.11.2026;1,50'])).toEqual([
      150,
    ]);
  });

  it('has the header that was said', async () => {
    const rows = ['date;amount', 'Date;Amount', '2026-11-03;1.50'];
    expect(await amounts(rows, { headerLine: 2 })).toEqual([150]);
    await expect(amounts(rows, { headerLine: 9 })).rejects.toThrow('no line 9');
  });

  it('takes columns by number, from the first row with a date on', async () => {
    const rows = ['Owner;x;y', '2026-11-03;Shop;1.50', ';;9'];
    expect(await amounts(rows, { map: { date: '1', amount: '3' } })).toEqual([150, 'no date']);
  });

  it('ends in columns that may be missing where they are empty', async () => {
    const rows = [
      'date,amount,merchant,',
      '2026-11-03,1.50',
      '2026-11-03,1.50,Shop,,,',
      '2026-11-03,1,50,Shop,x',
    ];
    expect(await amounts(rows)).toEqual([150, 150, 'more columns than the header']);
  });

  it.each([
    ['single quotes', "'date';'amount'\n'2026-11-03';'1,50'"],
    ['carriage returns alone', 'date;amount\r2026-11-03;1,50\r'],
    ['line ends of several kinds', 'date;amount\r\n2026-11-03;1,50\n'],
    ['the separator that was said', 'date~amount\n2026-11-03~1,50'],
  ])('may have %s', async (name, text) => {
    const said = name.endsWith('said') ? { delimiter: '~' } : {};
    expect(await read(text, said)).toEqual([{ day: '2026-11-03', minor: 150 }]);
  });

  it.each<[string, string | Uint8Array, Partial<StatementOptions>, string]>([
    [
      'has none of the columns',
      'a;b\n1;2',
      {},
      'no column "transaction_date" for date (or "date", "spent at", "started date"); its columns: a, b',
    ],
    [
      'has no header',
      '2026-11-03;Shop;1,50\n2026-11-04;Shop;1,50',
      {},
      'has no header: line 1 is a row already',
    ],
    ['is a spreadsheet', Buffer.from('504b0304', 'hex'), {}, 'a spreadsheet or archive'],
    ['is another format', 'OFXHEADER:100', {}, 'XML, OFX or HTML'],
    ['is in another encoding', latin('date;amount;\u{81}'), { encoding: 'shift_jis' }, 'is not shift_jis'],
    ['is in no encoding', 'date;amount', { encoding: 'klingon' }, '--encoding: "klingon" is no encoding'],
    ['has a name twice', 'date;amount;amount\n2026-11-03;1;2', {}, 'several columns are called "amount"'],
    ['lacks the key', 'date;amount\n2026-11-03;1', { key: ['ref'] }, '--key: the file has no column "ref"'],
  ])('is refused with the true reason if the file %s', async (_, text, said, message) => {
    await expect(read(text, said)).rejects.toThrow(message);
  });
});
