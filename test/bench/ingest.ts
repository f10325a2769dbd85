/** Ingest alone, until the 202: a web process without a worker, against an empty route in the same minute. */
import { setTimeout as delay } from 'node:timers/promises';
import { cpuFigures, measureEvents, serverPid } from './cpu.ts';
import { load } from './load.ts';
import type { BenchResult } from './result.ts';
import { processOf, withProcess } from './program.ts';
import { eventBody, makeTenant, openDatabase, settingsOf } from './world.ts';

const seconds = Number(process.env['BENCH_SECONDS'] ?? 10);

export async function benchIngest(): Promise<BenchResult> {
  await using stack = new AsyncDisposableStack();
  const database = await openDatabase(stack);
  const { apiKey } = await makeTenant(database.url);
  const empty = await withProcess(['test/bench/empty-route.ts'], {}, (url) =>
    load({ url: `${url}/`, seconds, body: eventBody }),
  );
  const { client } = database;
  const postgres = await serverPid(client);
  const headers = { authorization: `Bearer ${apiKey}` };
  const startedAt = performance.now();
  let readyMs = NaN;
  const measured = await withProcess(processOf('web'), settingsOf(database), async (url, web) => {
    while ((await fetch(`${url}/health/ready`)).status !== 200) await delay(5);
    readyMs = performance.now() - startedAt;
    const post = () => load({ url: `${url}/api/events`, seconds, headers, body: eventBody });
    await post();
    return measureEvents(client, { web, postgres }, post);
  });
  const ingest = measured.result;
  if (ingest.refused > 0) throw new Error(`${ingest.refused} requests were refused`);
  return {
    name: 'ingest',
    figures: {
      'empty Fastify route': { value: empty.requestsPerSecond, unit: 'requests/s' },
      'ingest, durable': { value: ingest.requestsPerSecond, unit: 'events/s' },
      'time to the 202, median': { value: ingest.p50Ms, unit: 'ms' },
      'time to the 202, 99th percentile': { value: ingest.p99Ms, unit: 'ms' },
      ...cpuFigures('an event', measured),
      'start of web until it is ready': { value: readyMs, unit: 'ms' },
    },
    ratios: { 'ingest / empty route': ingest.requestsPerSecond / empty.requestsPerSecond },
  };
}
