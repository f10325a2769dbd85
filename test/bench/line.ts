/**
 * The whole way of an event: over HTTP, until its spending is stored and its alerts are decided. Web and worker are
 * processes of their own on an embedded PostgreSQL with durable settings. 2,000 people have eight rules each.
 */
import type { Client } from 'pg';
import { cpuSeconds, memoryMb, serverPid } from './cpu.ts';
import { load, type Load } from './load.ts';
import type { BenchResult } from './result.ts';
import { startProcess, withProcess } from './program.ts';
import { sqlLoop } from './sql-loop.ts';
import { arrayBody, drained, eventBody, makeRules, makeTenant, openDatabase, settingsOf } from './world.ts';

const seconds = Number(process.env['BENCH_SECONDS'] ?? 10);

export async function benchLine(): Promise<BenchResult> {
  await using stack = new AsyncDisposableStack();
  const database = await openDatabase(stack);
  const { client } = database;
  const tenant = await makeTenant(database.url);
  const ruleIds = await makeRules(client, tenant.tenantId);

  const empty = await withProcess(['test/bench/empty-route.ts'], {}, (url) =>
    load({ url: `${url}/`, seconds, body: eventBody }),
  );
  const sqlPerSecond = await sqlLoop(database.url, tenant.tenantId, ruleIds, seconds);
  const byHand = await withProcess(['test/bench/by-hand.ts'], { DATABASE_URL: database.url }, (url) =>
    load({ url: `${url}/`, seconds, body: eventBody }),
  );
  if (byHand.refused > 0) throw new Error(`the reference refused ${byHand.refused} requests`);
  const env = { ...settingsOf(database), LOG_LEVEL: 'info' };
  await using worker = await startProcess(['src/main.ts', 'worker'], env);
  const postgres = await serverPid(client);
  const { single, arrays } = await withProcess(['src/main.ts', 'web'], env, async (url, web) => {
    const headers = { authorization: `Bearer ${tenant.apiKey}` };
    const pids = { web, worker: worker.pid, postgres };
    const post = (eventsPerRequest: number, body: () => string, connections: number) =>
      measure(client, pids, eventsPerRequest, () =>
        load({ url: `${url}/api/events`, seconds, headers, body, connections }),
      );
    await post(1, eventBody, 64);
    return { single: await post(1, eventBody, 64), arrays: await post(1000, arrayBody(1000), 8) };
  });
  return {
    name: 'line',
    figures: {
      'empty Fastify route': { value: empty.requestsPerSecond, unit: 'requests/s' },
      'bare SQL loop': { value: sqlPerSecond, unit: 'events/s' },
      'written by hand': { value: byHand.requestsPerSecond, unit: 'events/s' },
      'ingest, durable': { value: single.requestsPerSecond, unit: 'events/s' },
      'line, from HTTP to evaluated': { value: single.eventsPerSecond, unit: 'events/s' },
      'time to the 202, median': { value: single.p50Ms, unit: 'ms' },
      'time to the 202, 99th percentile': { value: single.p99Ms, unit: 'ms' },
      'CPU an event, web': { value: single.cpu.web, unit: 'µs' },
      'CPU an event, worker': { value: single.cpu.worker, unit: 'µs' },
      'CPU an event, PostgreSQL': { value: single.cpu.postgres, unit: 'µs' },
      'memory of web': { value: arrays.memory.web, unit: 'MB' },
      'memory of worker': { value: arrays.memory.worker, unit: 'MB' },
      'line, arrays of 1,000': { value: arrays.eventsPerSecond, unit: 'events/s' },
      'CPU an event of an array, web': { value: arrays.cpu.web, unit: 'µs' },
      'CPU an event of an array, worker': { value: arrays.cpu.worker, unit: 'µs' },
      'CPU an event of an array, PostgreSQL': { value: arrays.cpu.postgres, unit: 'µs' },
    },
    ratios: {
      'line / written by hand': single.eventsPerSecond / byHand.requestsPerSecond,
      'line / empty route': single.eventsPerSecond / empty.requestsPerSecond,
      'line / bare SQL loop': single.eventsPerSecond / sqlPerSecond,
      'ingest / empty route': single.requestsPerSecond / empty.requestsPerSecond,
    },
  };
}

type Pids = { web: number; worker: number; postgres: number };

/** Runs a load until its last event is evaluated. CPU in microseconds an event, memory in MB. */
async function measure(
  client: Client,
  pids: Pids,
  eventsPerRequest: number,
  run: () => Promise<Load>,
): Promise<Load & { eventsPerSecond: number; cpu: Pids; memory: Pids }> {
  const before = each(pids, cpuSeconds);
  const began = performance.now();
  const result = await run();
  if (result.refused > 0) throw new Error(`${result.refused} requests were refused`);
  await drained(client);
  const tookSeconds = (performance.now() - began) / 1000;
  const after = each(pids, cpuSeconds);
  const events = result.accepted * eventsPerRequest;
  const microseconds = (name: keyof Pids) => ((after[name] - before[name]) / events) * 1e6;
  return {
    ...result,
    eventsPerSecond: events / tookSeconds,
    cpu: {
      web: microseconds('web'),
      worker: microseconds('worker'),
      postgres: microseconds('postgres'),
    },
    memory: each(pids, memoryMb),
  };
}

const each = (pids: Pids, read: (pid: number) => number): Pids => ({
  web: read(pids.web),
  worker: read(pids.worker),
  postgres: read(pids.postgres),
});
