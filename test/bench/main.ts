/** `npm run bench [name]`: runs the benchmarks, prints a table of figures and ratios, writes bench-results.json. */
import { writeFile } from 'node:fs/promises';
import { benchAnomalies } from './anomalies/anomalies.ts';
import { benchAdvice } from './advice/advice.ts';
import { benchBacklog } from './backlog.ts';
import { benchBenchmarks } from './benchmarks.ts';
import { benchCalls } from './calls.ts';
import { benchFlood } from './flood.ts';
import { benchForecast } from './forecast/forecast.ts';
import { benchPace } from './forecast/pace.ts';
import { benchGrowth } from './growth.ts';
import { benchIngest } from './ingest.ts';
import { benchLatency } from './latency.ts';
import { benchKinds, benchLine } from './line.ts';
import { benchMemory } from './memory.ts';
import { benchMerchants } from './merchants.ts';
import { benchOutage } from './outage.ts';
import { benchRecurring } from './recurring/recurring.ts';
import { benchStreams } from './streams.ts';
import { showProgress } from './progress.ts';
import type { BenchResult } from './result.ts';

const benches: Record<string, () => Promise<BenchResult>> = {
  line: benchLine,
  kinds: benchKinds,
  ingest: benchIngest,
  latency: benchLatency,
  streams: benchStreams,
  backlog: benchBacklog,
  calls: benchCalls,
  flood: benchFlood,
  growth: benchGrowth,
  outage: benchOutage,
  memory: benchMemory,
  benchmarks: benchBenchmarks,
  merchants: benchMerchants,
  recurring: benchRecurring,
  forecast: benchForecast,
  pace: benchPace,
  anomalies: benchAnomalies,
  advice: benchAdvice,
};

async function main(asked: string | undefined): Promise<void> {
  const known = Object.keys(benches);
  if (asked && !known.includes(asked)) return explain(asked, known);
  const names = asked ? [asked] : known;
  const results: BenchResult[] = [];
  for (const [index, name] of names.entries()) {
    const bench = benches[name];
    using _progress = showProgress(name, index, names.length);
    if (bench) results.push(await bench());
  }
  process.stdout.write(results.map(table).join('\n'));
  await writeFile('bench-results.json', `${JSON.stringify(results, null, 2)}\n`);
}

function explain(asked: string, known: readonly string[]): void {
  if (!asked.startsWith('-')) {
    process.stderr.write(`there is no benchmark ${asked}\n`);
    process.exitCode = 1;
  }
  process.stderr.write(`usage: npm run bench [name]; there are: ${known.join(', ')}\n`);
}

function table({ name, figures, ratios }: BenchResult): string {
  const rows = [
    ...Object.entries(figures).map(([label, { value, unit }]) => [label, `${round(value)} ${unit}`]),
    ...Object.entries(ratios).map(([label, value]) => [label, value.toFixed(2)]),
  ];
  return `\n${name}\n${rows.map(([label = '', text = '']) => `  ${label.padEnd(48)}${text.padStart(20)}`).join('\n')}\n`;
}

const round = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(1);

await main(process.argv[2]);
