/**
 * The memory of web and worker over ten minutes at full load, one event a request. It must stay within bounds, and must
 * not grow: the last three minutes are compared with the third to the sixth.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { assertSums } from './check.ts';
import { cpuFigures, measureEvents, memoryMb, serverPid } from './cpu.ts';
import { load } from './load.ts';
import { processOf, startProcess, withProcess } from './program.ts';
import type { BenchResult } from './result.ts';
import { drained, eventBody, makeRules, makeTenant, openDatabase, settingsOf } from './world.ts';

const minuteMs = Number(process.env['BENCH_MINUTE_MS'] ?? 60_000);
const minutes = 10;
const samplesPerMinute = 12;

export async function benchMemory(): Promise<BenchResult> {
  await using stack = new AsyncDisposableStack();
  const database = await openDatabase(stack);
  const { tenantId, apiKey } = await makeTenant(database.url);
  await makeRules(database.client, tenantId);
  const env = settingsOf(database);
  const postgres = await serverPid(database.client);
  await using worker = await startProcess(processOf('worker'), env);
  return await withProcess(processOf('web'), env, async (url, web) => {
    const pids = { web, worker: worker.pid, postgres };
    const { result, cpu, count } = await measureEvents(database.client, pids, async () => {
      const loading = load({
        url: `${url}/api/events`,
        seconds: (minutes * minuteMs) / 1000,
        headers: { authorization: `Bearer ${apiKey}` },
        body: eventBody,
      });
      const [ofWeb, ofWorker] = await Promise.all([sample(web), sample(worker.pid)]);
      const loaded = await loading;
      await drained(database.client);
      return { ...loaded, samples: { web: ofWeb, worker: ofWorker } };
    });
    const { accepted, refused, requestsPerSecond, samples } = result;
    await assertSums(database.client, accepted);
    return {
      name: 'memory',
      figures: {
        'events answered 202 a second': { value: requestsPerSecond, unit: 'events/s' },
        'requests answered otherwise': { value: refused, unit: 'requests' },
        'memory of web at most': { value: Math.max(...samples.web), unit: 'MB' },
        'memory of worker at most': { value: Math.max(...samples.worker), unit: 'MB' },
        ...cpuFigures('an event', { cpu, count }),
      },
      ratios: {
        'web, last three minutes / third to sixth': growthOf(samples.web),
        'worker, last three minutes / third to sixth': growthOf(samples.worker),
      },
    };
  });
}

async function sample(pid: number): Promise<number[]> {
  const samples: number[] = [];
  while (samples.length < minutes * samplesPerMinute) {
    samples.push(memoryMb(pid));
    await delay(minuteMs / samplesPerMinute);
  }
  return samples;
}

function growthOf(samples: readonly number[]): number {
  const meanOf = (first: number, last: number): number => {
    const part = samples.slice((first - 1) * samplesPerMinute, last * samplesPerMinute);
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  };
  return meanOf(minutes - 2, minutes) / meanOf(3, 6);
}
