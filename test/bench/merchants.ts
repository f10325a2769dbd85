/**
 * Quality and speed of merchant keys. Each line of the file `MERCHANT_LABELS` has a merchant's name, a tab and the shop
 * as a reader labels it. Pairs of names with the same label are compared with pairs of the same key. Without the file
 * only the speed is measured, over published statements if they are there.
 */
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { merchantKey } from '../../src/accounts/merchants/merchant-key.ts';
import { cpuFigures } from './cpu.ts';
import type { BenchResult } from './result.ts';
import { shortestRound } from './rounds.ts';

const statements = '../shared/data/birmingham-purchase-cards-2019-2021.csv.gz';
const rounds = 5;

export async function benchMerchants(): Promise<BenchResult> {
  const names = readNames();
  const { ms, cpu } = await shortestRound({
    rounds,
    pids: { 'this process': process.pid },
    work: () => names.forEach((name) => merchantKey(name)),
  });
  const figures: BenchResult['figures'] = {
    'distinct names': { value: names.length, unit: 'names' },
    'keys made of them': { value: new Set(names.map(merchantKey)).size, unit: 'keys' },
    'speed, each name once': { value: (names.length * 1000) / ms, unit: 'names/s' },
    ...cpuFigures('a name', { cpu, count: names.length }),
  };
  const labelled = readLabels();
  if (labelled) Object.assign(figures, quality(labelled));
  return { name: 'merchants', figures, ratios: {} };
}

/** Every distinct name of the statements, or else made-up names like them. */
function readNames(): string[] {
  if (!existsSync(statements)) {
    process.stderr.write(`${statements} is not here: speed is measured over made-up names\n`);
    return Array.from(
      { length: 20_000 },
      (_, index) => `SQ *CORNER SHOP ${index} LTD #${index % 500} LONDON GB`,
    );
  }
  const rows: unknown[] = parse(gunzipSync(readFileSync(statements)), { columns: true });
  return [...new Set(rows.map(readMerchant))];
}

const readMerchant = (row: unknown): string =>
  typeof row === 'object' && row && 'merchant' in row ? String(row.merchant) : '';

type Labelled = { label: string; key: string };

function readLabels(): Labelled[] | null {
  const file = process.env['MERCHANT_LABELS'] ?? '../shared/data/merchant-labels.tsv';
  if (!existsSync(file)) {
    process.stderr.write(`${file} is not here (MERCHANT_LABELS): precision and recall are not measured\n`);
    return null;
  }
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => {
    const [name = '', label = ''] = line.split('\t');
    return { label, key: merchantKey(name) };
  });
}

/** Precision: the share of pairs with one key that are one shop. Recall: the share of pairs of one shop with one key. */
function quality(labelled: readonly Labelled[]): BenchResult['figures'] {
  const sameLabel = countPairs(labelled, ({ label }) => label);
  const sameKey = countPairs(labelled, ({ key }) => key);
  const both = countPairs(labelled, ({ label, key }) => JSON.stringify([label, key]));
  return {
    'labelled names': { value: labelled.length, unit: 'names' },
    'pairs of one shop': { value: sameLabel, unit: 'pairs' },
    'pairs of one key': { value: sameKey, unit: 'pairs' },
    precision: { value: (100 * both) / sameKey, unit: '%' },
    recall: { value: (100 * both) / sameLabel, unit: '%' },
  };
}

function countPairs(labelled: readonly Labelled[], groupOf: (each: Labelled) => string): number {
  return [...Map.groupBy(labelled, groupOf).values()].reduce(
    (sum, { length }) => sum + (length * (length - 1)) / 2,
    0,
  );
}
