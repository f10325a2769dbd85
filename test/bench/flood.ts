/**
 * Far more than the service can carry, for a minute: arrays of a thousand events over 64 connections. Measures what it
 * takes and refuses meanwhile, and how soon it is itself again. Another tenant posts single events before and meanwhile.
 * In the end every sum is compared with its expenses.
 */
import autocannon from 'autocannon';
import { setTimeout as delay } from 'node:timers/promises';
import { assertSums } from './check.ts';
import { cpuFigures, measureEvents, memoryMb, serverPid } from './cpu.ts';
import { percentile } from './paced-load.ts';
import { processOf, startProcess, withProcess } from './program.ts';
import type { BenchResult } from './result.ts';
import { arrayBody, drained, eventBody, makeRules, makeTenant, openDatabase, settingsOf } from './world.ts';

const seconds = Number(process.env['BENCH_SECONDS'] ?? 60);
const eventsPerRequest = 1000;

/** A post that is answered within this time finds the service itself again. */
const calmMs = 50;

export async function benchFlood(): Promise<BenchResult> {
  await using stack = new AsyncDisposableStack();
  const database = await openDatabase(stack);
  const { client } = database;
  const { tenantId, apiKey } = await makeTenant(database.url);
  const neighbour = await makeTenant(database.url);
  await makeRules(client, tenantId);
  const env = settingsOf(database);
  const postgres = await serverPid(client);
  await using worker = await startProcess(processOf('worker'), env);
  return await withProcess(processOf('web'), env, async (url, web) => {
    const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
    const idle = await postSome(url, neighbour.apiKey, 10);
    const pids = { web, worker: worker.pid, postgres };
    const { result, cpu, count } = await measureEvents(client, pids, async () => {
      const seen = await flood({ url, web, headers, neighbourKey: neighbour.apiKey });
      const began = performance.now();
      const calmAfter = await firstCalm(url, headers, began);
      await drained(client);
      return { ...seen, calmAfter, drainedAfter: performance.now() - began };
    });
    const { flooded, beside } = result;
    const accepted = flooded['2xx'] * eventsPerRequest;
    await assertSums(client, accepted);
    const p95 = ({ times }: Posted) => percentile(times, 95);
    const refused = flooded['4xx'];
    return {
      name: 'flood',
      figures: {
        'events answered 202': { value: accepted, unit: 'events' },
        'events answered 202 a second': { value: accepted / seconds, unit: 'events/s' },
        'requests answered 429': { value: refused, unit: 'requests' },
        'another tenant’s posts refused': { value: beside.refused, unit: 'requests' },
        'answered to another tenant, 95th percentile, idle': { value: p95(idle), unit: 'ms' },
        'answered to another tenant, 95th percentile, meanwhile': { value: p95(beside), unit: 'ms' },
        'requests answered otherwise': { value: flooded.non2xx - refused + flooded.errors, unit: 'requests' },
        'Retry-After of a refusal': { value: result.refusal, unit: 's' },
        'memory of web in the middle': { value: result.memory, unit: 'MB' },
        [`a post is answered in ${calmMs} ms again, after`]: { value: result.calmAfter, unit: 'ms' },
        'all accepted events applied, after': { value: result.drainedAfter, unit: 'ms' },
        ...cpuFigures('an event with its share of the refusals', { cpu, count }),
      },
      ratios: {},
    };
  });
}

type Flooded = { flooded: autocannon.Result; beside: Posted; memory: number; refusal: number };

/** Posts arrays for all the seconds, and has the second tenant post from the middle on. Memory in MB, refusal in seconds. */
async function flood(options: {
  url: string;
  web: number;
  headers: Record<string, string>;
  neighbourKey: string;
}): Promise<Flooded> {
  const { url, headers } = options;
  const makeBody = arrayBody(eventsPerRequest);
  const flooding = autocannon({
    url: `${url}/api/events`,
    connections: 64,
    duration: seconds,
    method: 'POST',
    headers,
    requests: [{ setupRequest: (request) => ({ ...request, body: makeBody() }) }],
  });
  await delay(500 * seconds);
  const beside = await postSome(url, options.neighbourKey, 5);
  const memory = memoryMb(options.web);
  const refusal = await firstRefusal(url, headers);
  return { flooded: await flooding, beside, memory, refusal };
}

type Posted = { times: number[]; refused: number };

/** Posts single events for some seconds, four a second. */
async function postSome(url: string, apiKey: string, seconds: number): Promise<Posted> {
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
  const posted: Posted = { times: [], refused: 0 };
  for (let count = 0; count < 4 * seconds; count += 1) {
    const sentAt = performance.now();
    const response = await fetch(`${url}/api/events`, { method: 'POST', headers, body: eventBody() });
    await response.text();
    posted.times.push(performance.now() - sentAt);
    if (response.status !== 202) posted.refused += 1;
    await delay(250);
  }
  return posted;
}

/** Posts single events until one is refused with 429. Resolves to the seconds of its `Retry-After`. */
async function firstRefusal(url: string, headers: Record<string, string>): Promise<number> {
  for (let tries = 0; tries < 1000; tries += 1) {
    const response = await fetch(`${url}/api/events`, { method: 'POST', headers, body: eventBody() });
    await response.text();
    if (response.status === 429) return Number(response.headers.get('retry-after') ?? NaN);
  }
  return NaN;
}

async function firstCalm(url: string, headers: Record<string, string>, began: number): Promise<number> {
  for (;;) {
    const sentAt = performance.now();
    const response = await fetch(`${url}/api/events`, { method: 'POST', headers, body: eventBody() });
    await response.text();
    const answeredAt = performance.now();
    if (response.status === 202 && answeredAt - sentAt < calmMs) return answeredAt - began;
    await delay(10);
  }
}
