/**
 * Whether an event costs more where much is stored: ten million expenses instead of a hundred thousand, of the same people
 * over two years, and a million rules instead of 16,000. Measures CPU time an event.
 */
import { cpuSeconds, serverPid } from './cpu.ts';
import { assertSums, countEvents } from './check.ts';
import { load } from './load.ts';
import { processOf, startProcess, withProcess } from './program.ts';
import type { BenchResult } from './result.ts';
import {
  drained,
  eventBody,
  makeExpenses,
  makeRules,
  makeTenant,
  openDatabase,
  people,
  settingsOf,
  spreadEventsOver,
} from './world.ts';

const seconds = Number(process.env['BENCH_SECONDS'] ?? 10);
const size = { fewExpenses: 100_000, manyExpenses: 10_000_000, manyPeople: 125_000 } as const;

export async function benchGrowth(): Promise<BenchResult> {
  const few = await cpuPerEvent({ expenses: size.fewExpenses, people });
  const manyExpenses = await cpuPerEvent({ expenses: size.manyExpenses, people });
  const manyRules = await cpuPerEvent({ expenses: size.fewExpenses, people: size.manyPeople });
  return {
    name: 'growth',
    figures: {
      'CPU an event, 100,000 expenses and 16,000 rules': { value: few, unit: 'µs' },
      'CPU an event, 10 million expenses': { value: manyExpenses, unit: 'µs' },
      'CPU an event, 1 million rules': { value: manyRules, unit: 'µs' },
    },
    ratios: {
      '10 million expenses / 100,000': manyExpenses / few,
      '1 million rules / 16,000': manyRules / few,
    },
  };
}

/** Microseconds of web, worker and PostgreSQL together, after a first load that is not counted. */
async function cpuPerEvent(stored: { expenses: number; people: number }): Promise<number> {
  await using stack = new AsyncDisposableStack();
  const database = await openDatabase(stack);
  const { client } = database;
  const { tenantId, apiKey } = await makeTenant(database.url);
  spreadEventsOver(stored.people);
  await makeRules(client, tenantId, stored.people);
  await makeExpenses(client, tenantId, stored);
  // Otherwise the server would do this beside the load.
  await client.query('vacuum analyze');
  await client.query('checkpoint');
  const env = settingsOf(database);
  const postgres = await serverPid(client);
  await using worker = await startProcess(processOf('worker'), env);
  return await withProcess(processOf('web'), env, async (url, web) => {
    const headers = { authorization: `Bearer ${apiKey}` };
    const post = async () => {
      const { refused } = await load({ url: `${url}/api/events`, seconds, headers, body: eventBody });
      if (refused > 0) throw new Error(`${refused} requests were refused`);
      await drained(client);
    };
    const cpu = () => [web, worker.pid, postgres].reduce((sum, pid) => sum + cpuSeconds(pid), 0);
    await post();
    const [usedBefore, eventsBefore] = [cpu(), await countEvents(client)];
    await post();
    const used = cpu() - usedBefore;
    const events = (await countEvents(client)) - eventsBefore;
    await assertSums(client, events, stored.expenses);
    return (used / events) * 1e6;
  });
}
