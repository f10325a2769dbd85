/**
 * How well merchants are told apart, and how fast. `MERCHANT_LABELS` names a file of a merchant's name, a tab
 * and what a reader calls the shop, a line each; pairs of names that share a label are compared with pairs
 * that share a key. Without the file only the speed is measured, over a year's statements where they are.
 */
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { merchantKey } from '../../src/accounts/merchants/merchant-key.ts';
import type { BenchResult } from './result.ts';

const statements = '../shared/data/birmingham-purchase-cards-2019-2021.csv.gz';
/** Of each measurement the best counts: what is slower, the machine did beside it. */
const rounds = 5;

export async function benchMerchants(): Promise<BenchResult> {
  const names = readNames();
  const figures: BenchResult['figures'] = {
    'distinct names': { value: names.length, unit: 'names' },
    'keys made of them': { value: new Set(names.map(merchantKey)).size, unit: 'keys' },
    'speed, each name once': { value: namesPerSecond(names), unit: 'names/s' },
  };
  const labelled = readLabels();
  if (labelled) Object.assign(figures, quality(labelled));
  return { name: 'merchants', figures, ratios: {} };
}

/** Every distinct name of the statements; where there are none, written ones that are much like them. */
function readNames(): string[] {
  if (!existsSync(statements)) {
    process.stderr.write(`${statements} is not here: speed is measured over made-up names\n`);
    return Array.from(
      { length: 20_000 },
      (_, index) => `SQ *CORNER SHOP ${index} LTD #${index % 500} LONDON GB`,
    );
  }
  const rows: unknown[] = parse(gunzipSync(readFileSync(statements)), { columns: true });
  return [...new Set(rows.map(merchantOf))];
}

const merchantOf = (row: unknown): string =>
  typeof row === 'object' && row && 'merchant' in row ? String(row.merchant) : '';

function namesPerSecond(names: readonly string[]): number {
  const seconds = Array.from({ length: rounds }, () => {
    const startedAt = performance.now();
    for (const name of names) merchantKey(name);
    return (performance.now() - startedAt) / 1000;
  });
  return names.length / Math.min(...seconds);
}

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

/** Over pairs of names: of those with one key, how many are one shop; of those of one shop, how many have one key. */
function quality(labelled: readonly Labelled[]): BenchResult['figures'] {
  const sameLabel = pairsBy(labelled, ({ label }) => label);
  const sameKey = pairsBy(labelled, ({ key }) => key);
  const both = pairsBy(labelled, ({ label, key }) => JSON.stringify([label, key]));
  return {
    'labelled names': { value: labelled.length, unit: 'names' },
    'pairs of one shop': { value: sameLabel, unit: 'pairs' },
    'pairs of one key': { value: sameKey, unit: 'pairs' },
    precision: { value: (100 * both) / sameKey, unit: '%' },
    recall: { value: (100 * both) / sameLabel, unit: '%' },
  };
}

function pairsBy(labelled: readonly Labelled[], groupOf: (each: Labelled) => string): number {
  return [...Map.groupBy(labelled, groupOf).values()].reduce(
    (sum, { length }) => sum + (length * (length - 1)) / 2,
    0,
  );
}
