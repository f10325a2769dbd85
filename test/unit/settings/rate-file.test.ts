import { describe, expect, test } from 'vitest';
import { readRateFile, UnreadableRates } from '../../../src/settings/read-rate-file.ts';

const xml = (days: string) => `<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
  <gesmes:subject>Reference rates</gesmes:subject>
  <gesmes:Sender><gesmes:name>A bank</gesmes:name></gesmes:Sender>
  <Cube>${days}</Cube>
</gesmes:Envelope>`;
const friday = `<Cube time="2026-11-20"><Cube currency="USD" rate="1.0532"/><Cube currency="JPY" rate="162.10"/></Cube>`;
const thursday = `<Cube time='2026-11-19'><Cube currency='USD' rate='1.0541'/></Cube>`;

const read = (text: string, base = 'EUR') => readRateFile(text, base);
const tableOf = (date: string, rates: Record<string, string>, base = 'EUR') => ({ date, base, rates });
const failure = (text: string): string => {
  try {
    read(text);
  } catch (error) {
    if (error instanceof UnreadableRates) return error.message;
    throw error;
  }
  return 'read';
};

describe('a file of exchange rates', () => {
  test('of the European Central Bank in XML has a table for each day, the oldest first', () => {
    expect(read(xml(friday + thursday))).toEqual({
      tables: [
        tableOf('2026-11-19', { USD: '1.0541' }),
        tableOf('2026-11-20', { USD: '1.0532', JPY: '162.10' }),
      ],
      unknown: [],
    });
  });

  test('of the European Central Bank in CSV has columns of currencies and days in words', () => {
    expect(read('Date, USD, JPY, BGN, \n20 November 2026, 1.0532, 162.1, N/A, \n').tables).toEqual([
      tableOf('2026-11-20', { USD: '1.0532', JPY: '162.1' }),
    ]);
  });

  test('in CSV may have a row for each rate, against any base', () => {
    const text = '\uFEFFdate,base,currency,rate\r\n2026-11-20,USD,EUR,0.95\r\n2026-11-20,GBP,EUR,1.2\r\n';
    expect(read(text).tables).toEqual([
      tableOf('2026-11-20', { EUR: '0.95' }, 'USD'),
      tableOf('2026-11-20', { EUR: '1.2' }, 'GBP'),
    ]);
  });

  test('without a column for the base is against the one that is asked for', () => {
    expect(read('currency,rate,date\nEUR,0.95,2026-11-20\n', 'USD').tables).toEqual([
      tableOf('2026-11-20', { EUR: '0.95' }, 'USD'),
    ]);
  });

  test('may name currencies of the past, which are left out', () => {
    expect(read('Date,USD,CYP\n2007-12-31,1.4721,0.5853\n')).toEqual({
      tables: [tableOf('2007-12-31', { USD: '1.4721' })],
      unknown: ['CYP'],
    });
  });

  test.each([
    ['', 'the file has no rates'],
    [xml(''), 'the file has no rates'],
    ['Date,USD\n2026-02-30,1.05\n', 'line 2, USD: "2026-02-30" is not a day, like 2026-11-22'],
    ['Date,USD\n20/11/2026,1.05\n', 'line 2, USD: "20/11/2026" is not a day, like 2026-11-22'],
    ['Date,USD\n2026-11-20,"1,05"\n', 'line 2, USD: "1,05" is not a rate above zero, like 0.92'],
    ['Date,USD\n2026-11-20,0\n', 'line 2, USD: "0" is not a rate above zero, like 0.92'],
    ['Date,USD\n2026-11-20,1e3\n', 'line 2, USD: "1e3" is not a rate above zero, like 0.92'],
    ['date,currency,rate\n2026-11-20,dollar,1.05\n', 'line 2: "dollar" is not a currency, like USD'],
    ['day;USD\n2026-11-20;1.05\n', 'line 1: no column "date"'],
    [xml('<Cube time="2026-11-20"><Cube currency="USD"/></Cube>'), 'USD of 2026-11-20: "" is not a rate'],
    [xml('<Cube time="x"><Cube currency="USD" rate="1"/></Cube>'), 'USD of x: "x" is not a day'],
    ['<gesmes:Envelope><Cube>', 'the XML is broken'],
    ['<html><body>gone</body></html>', 'the file has no rates'],
  ])('that cannot be read is refused with the place: %j', (text, message) => {
    expect(failure(text)).toContain(message);
  });

  test('reads no entities, so that a small file stays small', () => {
    const bomb = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>${xml(friday.replace('USD', '&b;'))}`;
    expect(failure(bomb)).not.toBe('read');
  });
});
