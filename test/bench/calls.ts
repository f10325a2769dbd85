/**
 * How long people's GET calls take beside other work: 200,000 expenses are stored, all profiles are being rebuilt, and
 * 300 events a second come in. A hundred people call once each every 200 milliseconds.
 */
import { Agent, get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { computeBenchmarks } from '../../src/insight/benchmarks/compute-benchmarks.ts';
import { Database } from '../../src/runtime/database/database.ts';
import { createLog } from '../../src/runtime/log.ts';
import { assertSums } from './check.ts';
import { cpuFigures, measureCpu, serverPid } from './cpu.ts';
import { pacedLoad, percentile } from './paced-load.ts';
import { processOf, startProcess, withProcess } from './program.ts';
import type { BenchResult } from './result.ts';
import {
  categories,
  eventBody,
  drained,
  makeExpenses,
  makeRules,
  makeTenant,
  openDatabase,
  people,
  settingsOf,
} from './world.ts';

const seconds = Number(process.env['BENCH_SECONDS'] ?? 20);
/** Statements are prepared and code is compiled meanwhile. */
const warmUpSeconds = 8;
const expenses = 200_000;
const callers = 100;
const everyMs = 200;
const eventsPerSecond = 300;

const month = Temporal.Now.plainDateISO('UTC').toPlainYearMonth().subtract({ months: 1 });

const callsOf = (ruleId: string): Record<string, string> => ({
  'GET /rules': '/rules',
  'GET /rules/:ruleId': `/rules/${ruleId}`,
  'GET /rules/:ruleId/decisions': `/rules/${ruleId}/decisions`,
  'GET /notifications': '/notifications',
  'GET /recommendations': '/recommendations',
  'GET /benchmarks/:categoryId': `/benchmarks/groceries?period=${month.toString()}`,
  'GET /comparison/:categoryId': `/comparison/groceries?period=${month.toString()}`,
  'GET /profile': '/profile',
  'GET /daily-summary': '/daily-summary',
  'GET /dashboard': '/dashboard',
});

export async function benchCalls(): Promise<BenchResult> {
  await using stack = new AsyncDisposableStack();
  const database = await openDatabase(stack);
  const { client } = database;
  const { tenantId, apiKey, adminKey } = await makeTenant(database.url);
  const ruleIds = await makeRules(client, tenantId);
  await makeExpenses(client, tenantId, { expenses, people });
  const opened = { url: database.url, log: createLog('warn') };
  const db = stack.adopt(await Database.open(opened), (db) => db.close());
  await computeBenchmarks(db, tenantId, `${month.toString()}-01`, Temporal.Now.instant());
  await client.query(
    `insert into stale_profiles (tenant_id, user_id, since) select tenant_id, id, now() from users`,
  );
  await client.query('vacuum analyze');

  const env = settingsOf(database);
  const postgres = await serverPid(client);
  await using worker = await startProcess(processOf('worker'), env);
  return await withProcess(processOf('web'), env, async (url, web) => {
    const tokens = await Promise.all(
      Array.from({ length: callers }, (_, person) => tokenOf(url, adminKey, `u${person}`)),
    );
    const events = pacedLoad({
      url: `${url}/api/events`,
      seconds: warmUpSeconds + seconds,
      eventsPerSecond,
      headers: { authorization: `Bearer ${apiKey}` },
      body: eventBody,
    });
    const callFor = (seconds: number) =>
      callAll(url, tokens, seconds, (person) => callsOf(ruleIds[person * categories.length] ?? ''));
    await callFor(warmUpSeconds);
    const pids = { web, worker: worker.pid, postgres };
    const { result: called, cpu } = await measureCpu(pids, () => callFor(seconds));
    const { refused, accepted } = await events;
    await drained(client);
    await assertSums(client, accepted, expenses);
    const failed = called.filter(({ status }) => status !== 200);
    if (refused > 0 || failed.length > 0)
      throw new Error(`${refused} posts and ${failed.length} calls failed: ${JSON.stringify(failed[0])}`);
    const byCall = Map.groupBy(called, ({ name }) => name);
    const figures = [...byCall].flatMap(([name, calls]) => {
      const times = calls.map(({ ms }) => ms);
      return [50, 95].map((percent) => [
        `${name}, ${percent}th percentile`,
        { value: percentile(times, percent), unit: 'ms' },
      ]);
    });
    return {
      name: 'calls',
      figures: {
        people: { value: people, unit: 'people' },
        ...Object.fromEntries(figures),
        ...cpuFigures('a call with its share of the other work', { cpu, count: called.length }),
      },
      ratios: {},
    };
  });
}

async function tokenOf(url: string, adminKey: string, userId: string): Promise<string> {
  const response = await fetch(`${url}/api/tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ userId }),
  });
  return ((await response.json()) as { token: string }).token;
}

type Called = { name: string; status: number; ms: number };

/** Each person calls at their own moment of each interval, and goes through the calls in turn. */
async function callAll(
  url: string,
  tokens: readonly string[],
  seconds: number,
  callsFor: (person: number) => Record<string, string>,
): Promise<Called[]> {
  const agent = new Agent({ keepAlive: true });
  const callOnce = (token: string, name: string, path: string): Promise<Called> =>
    new Promise((resolve, reject) => {
      const began = performance.now();
      const headers = { authorization: `Bearer ${token}` };
      get(`${url}/api/smart-alerts${path}`, { agent, headers }, (response) => {
        const { statusCode: status = 0 } = response;
        response.resume().once('end', () => resolve({ name, status, ms: performance.now() - began }));
      }).once('error', reject);
    });
  const rounds = (seconds * 1000) / everyMs;
  const callers = tokens.map(async (token, person) => {
    const calls = Object.entries(callsFor(person));
    await delay((everyMs * person) / tokens.length);
    const made: Promise<Called>[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const [name, path] = calls[(round + person) % calls.length] ?? ['', ''];
      made.push(callOnce(token, name, path));
      await delay(everyMs);
    }
    return Promise.all(made);
  });
  const all = await Promise.all(callers);
  agent.destroy();
  return all.flat();
}
