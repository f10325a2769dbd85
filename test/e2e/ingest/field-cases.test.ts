/** The files of public bug reports and bank exports, where the shared folder is present. */
import { existsSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ImportWorld, type Spent } from '../../support/worlds/statements/import-world.ts';

const shared = path.resolve('../shared/data/field-cases');

let world: ImportWorld;
beforeAll(async () => {
  world = await ImportWorld.start();
});
afterAll(() => world.stop());

const mine = ['--user', 'u1', '--category', 'unsorted'];

type Verdict = Partial<Spent> & { refused?: string };
/** Each file with options, and what must come of it. */
const fieldCases: [file: string, options: string[], verdict: Verdict, currency?: string][] = [
  ['F01-revolut.csv', mine, { refused: '--spent negative' }],
  ['F01-revolut.csv', [...mine, '--spent', 'negative'], { sum: 3020, expenses: 3 }],
  ['F02-chase-card.csv', ['--spent', 'negative'], { refused: 'no column "card_last4" for user' }, 'USD'],
  ['F02-chase-card.csv', [...mine, '--spent', 'negative'], { refused: '--date-format' }, 'USD'],
  [
    'F02-chase-card.csv',
    [...mine, '--spent', 'negative', '--date-format', 'MM/dd/yyyy'],
    { sum: 5000, expenses: 3 },
    'USD',
  ],
  ['F03b-header-comma.csv', mine, { sum: 2000, expenses: 2 }, 'GBP'],
  ['F04-dkb.csv', mine, { sum: 6960, expenses: 2 }],
  ['F05-sparkasse.csv', mine, { refused: '--spent negative' }],
  ['F05-sparkasse.csv', [...mine, '--spent', 'negative'], { sum: 105_256, expenses: 2 }],
  ['F05b-cp1252.csv', [], { sum: 2156, expenses: 2 }],
  ['F08-ms-bank.csv', mine, { sum: 118_473, expenses: 2 }, 'GBP'],
  ['F10-capital-one.csv', mine, { sum: 12_000, expenses: 3 }, 'USD'],
  ['F11-mint.csv', mine, { refused: '--date-format' }, 'USD'],
  ['F11-mint.csv', [...mine, '--date-format', 'M/d/yy'], { sum: 95_000, expenses: 2 }, 'USD'],
  ['F11b-cr-only.csv', [], { sum: 15_000, expenses: 2 }],
  ['F13-rakuten.csv', mine, { sum: 2080, expenses: 2 }, 'JPY'],
  ['F13-rakuten.csv', ['--category', 'c', '--map', 'user=利用者'], { sum: 2080, expenses: 2 }, 'JPY'],
  ['F14-gold-point.csv', mine, { refused: 'has no header' }, 'JPY'],
  [
    'F14-gold-point.csv',
    [...mine, '--map', 'date=1,merchant=2,amount=3'],
    { sum: 14_858, expenses: 2 },
    'JPY',
  ],
  ['F18-utf16-tab.csv', [], { sum: 1200, expenses: 1 }],
  ['F18b-utf16-comma.csv', [], { sum: 1200, expenses: 1 }],
  ['F18c-tab.csv', [], { sum: 1200, expenses: 1 }],
  ['F20a-part-of-day.csv F20b-whole-day.csv', [], { sum: 1550, expenses: 4 }],
  ['F21a-pending.csv F21b-booked.csv', [], { sum: 4000, expenses: 2 }],
  ...Array.from({ length: 8 }, (_, index): [string, string[], Verdict] => [
    `F22-${index}a.csv F22-${index}b.csv F22-${index}a.csv`,
    [],
    { sum: 3150, expenses: 1 },
  ]),
  ['F23-thousand.csv', [], { sum: 100_000 + 148_869 - 8990, expenses: 3 }],
  ['F25-id-reused.csv', [], { sum: 1500, expenses: 2 }],
  ['F27-footer.csv', [], { sum: 1000, expenses: 1 }],
  ['F29-all-rejected.csv', [], { sum: 2500, expenses: 1 }],
  ['F29-all-rejected.csv', ['--date-format', 'yyyy-MM-dd'], { refused: 'nothing was imported' }],
];

describe.runIf(existsSync(shared))('the files of public reports', () => {
  test.each(fieldCases)('%s with %j come to %j', async (files, options, { refused, ...spent }, currency) => {
    const tenantId = await world.createTenant(currency);
    let errors = '';
    for (const name of files.split(' ')) {
      const copy = path.join(world.folder, name);
      await copyFile(path.join(shared, name), copy);
      if (refused === undefined) await world.importFile(copy, tenantId, ...options);
      else errors = (await world.refuse(copy, tenantId, ...options)).stderr;
    }
    expect(errors).toContain(refused ?? '');
    expect(await world.spentIn(tenantId)).toEqual(refused === undefined ? spent : { sum: 0, expenses: 0 });
  });
});
