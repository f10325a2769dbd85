/**
 * The whole way of an event: over HTTP, until its spending is stored and its alerts are decided. 2,000 people have eight
 * rules each. The service runs on an embedded PostgreSQL with durable settings: as web and worker processes, and as
 * `npm start` runs it. Afterwards every sum is compared with its expenses. The benchmark `kinds` is the same with a tenth of
 * the rules of other scopes and periods.
 */
import type { Client } from 'pg';
import { assertSums } from './check.ts';
import { cpuFigures, measureEvents, memoryMb, serverPid } from './cpu.ts';
import { load, type Load } from './load.ts';
import type { BenchResult } from './result.ts';
import { processOf, startProcess, withProcess } from './program.ts';
import { sqlLoop } from './sql-loop.ts';
import {
  arrayBody,
  type BenchDatabase,
  drained,
  eventBody,
  jobsEnded,
  makeRules,
  makeTenant,
  mixRules,
  openDatabase,
  settingsOf,
} from './world.ts';

const seconds = Number(process.env['BENCH_SECONDS'] ?? 10);

type World = BenchDatabase & { apiKey: string; byHandPerSecond: number; emptyPerSecond: number };

export const benchLine = () => measureLine('line');

export const benchKinds = () => measureLine('kinds');

async function measureLine(name: 'line' | 'kinds'): Promise<BenchResult> {
  await using stack = new AsyncDisposableStack();
  const database = await openDatabase(stack);
  const { client } = database;
  const { tenantId, apiKey } = await makeTenant(database.url);
  const ruleIds = await makeRules(client, tenantId);
  if (name === 'kinds') await mixRules(client);

  const empty = await withProcess(['test/bench/empty-route.ts'], {}, (url) =>
    load({ url: `${url}/`, seconds, body: eventBody }),
  );
  const sqlPerSecond = await sqlLoop(database.url, tenantId, ruleIds, seconds);
  const byHand = await withProcess(['test/bench/by-hand.ts'], { DATABASE_URL: database.url }, (url) =>
    load({ url: `${url}/`, seconds, body: eventBody }),
  );
  if (byHand.refused > 0) throw new Error(`the reference refused ${byHand.refused} requests`);
  // The loop wrote into the tables of the service.
  await client.query(
    'truncate events, event_batches, expenses, daily_spend; update rule_spend set spent_minor = 0',
  );
  await client.query('vacuum analyze');
  const world: World = {
    ...database,
    apiKey,
    byHandPerSecond: byHand.requestsPerSecond,
    emptyPerSecond: empty.requestsPerSecond,
  };
  const apart = await measureApart(world);
  const together = await measureTogether(world);
  await assertSums(client, apart.accepted + together.accepted);
  return {
    name,
    figures: {
      'empty Fastify route': { value: empty.requestsPerSecond, unit: 'requests/s' },
      'bare SQL loop': { value: sqlPerSecond, unit: 'events/s' },
      'written by hand': { value: byHand.requestsPerSecond, unit: 'events/s' },
      ...apart.figures,
      ...together.figures,
    },
    ratios: {
      ...apart.ratios,
      ...together.ratios,
      'line / bare SQL loop': apart.eventsPerSecond / sqlPerSecond,
    },
  };
}

type Part = Pick<BenchResult, 'figures' | 'ratios'> & { accepted: number; eventsPerSecond: number };

async function measureApart(world: World): Promise<Part> {
  const { client } = world;
  const env = { ...settingsOf(world), LOG_LEVEL: 'info' };
  await using worker = await startProcess(processOf('worker'), env);
  const postgres = await serverPid(client);
  return await withProcess(processOf('web'), env, async (url, web) => {
    const pids = { web, worker: worker.pid, postgres };
    const post = poster(world, url, pids);
    const first = await post(1);
    const single = await post(1);
    const hundreds = await post(100);
    const arrays = await post(1000);
    const connections = await countConnections(client);
    return {
      accepted: first.accepted + single.accepted + 100 * hundreds.accepted + 1000 * arrays.accepted,
      eventsPerSecond: single.eventsPerSecond,
      figures: {
        'ingest, durable': { value: single.requestsPerSecond, unit: 'events/s' },
        'line, from HTTP to evaluated': { value: single.eventsPerSecond, unit: 'events/s' },
        'time to the 202, median': { value: single.p50Ms, unit: 'ms' },
        'time to the 202, 99th percentile': { value: single.p99Ms, unit: 'ms' },
        ...cpuFigures('an event', single),
        'line, arrays of 100': { value: hundreds.eventsPerSecond, unit: 'events/s' },
        ...cpuFigures('an event of an array of 100', hundreds),
        'line, arrays of 1,000': { value: arrays.eventsPerSecond, unit: 'events/s' },
        ...cpuFigures('an event of an array of 1,000', arrays),
        'connections to PostgreSQL': { value: connections, unit: 'connections' },
        'memory of web': { value: arrays.memory['web'] ?? NaN, unit: 'MB' },
        'memory of worker': { value: arrays.memory['worker'] ?? NaN, unit: 'MB' },
      },
      ratios: {
        'line / written by hand': single.eventsPerSecond / world.byHandPerSecond,
        'line / empty route': single.eventsPerSecond / world.emptyPerSecond,
      },
    };
  });
}

async function measureTogether(world: World): Promise<Part> {
  const env = { ...settingsOf(world), LOG_LEVEL: 'info' };
  const postgres = await serverPid(world.client);
  const args = [...processOf('web').slice(0, -1), 'all'];
  return withProcess(args, env, async (url, service) => {
    const post = poster(world, url, { service, postgres });
    const first = await post(1);
    await jobsEnded(world.client);
    const single = await post(1);
    return {
      accepted: first.accepted + single.accepted,
      eventsPerSecond: single.eventsPerSecond,
      figures: {
        'line, by npm start': { value: single.eventsPerSecond, unit: 'events/s' },
        ...cpuFigures('an event by npm start', single),
      },
      ratios: { 'line by npm start / written by hand': single.eventsPerSecond / world.byHandPerSecond },
    };
  });
}

const poster =
  ({ client, apiKey }: World, url: string, pids: Record<string, number>) =>
  (eventsPerRequest: number): Promise<Measured> =>
    measure(client, pids, () =>
      load({
        url: `${url}/api/events`,
        seconds,
        headers: { authorization: `Bearer ${apiKey}` },
        body: eventsPerRequest === 1 ? eventBody : arrayBody(eventsPerRequest),
        connections: eventsPerRequest === 1 ? 64 : 8,
      }),
    );

/** Of both processes. They keep a connection for a while after its last use. */
async function countConnections(client: Client): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity
     where backend_type = 'client backend' and pid <> pg_backend_pid()`,
  );
  return rows[0]?.count ?? NaN;
}

type Measured = Load & {
  eventsPerSecond: number;
  /** CPU seconds by process, for `count` events. */
  cpu: Record<string, number>;
  count: number;
  memory: Record<string, number>;
};

/** Runs a load until its last event is evaluated. Memory in MB. */
async function measure(
  client: Client,
  pids: Record<string, number>,
  run: () => Promise<Load>,
): Promise<Measured> {
  const { result, cpu, count } = await measureEvents(client, pids, async () => {
    const began = performance.now();
    const loaded = await run();
    if (loaded.refused > 0) throw new Error(`${loaded.refused} requests were refused`);
    await drained(client);
    return { ...loaded, seconds: (performance.now() - began) / 1000 };
  });
  const memory = Object.entries(pids).map(([name, pid]) => [name, memoryMb(pid)] as const);
  return {
    ...result,
    eventsPerSecond: count / result.seconds,
    cpu,
    count,
    memory: Object.fromEntries(memory),
  };
}
