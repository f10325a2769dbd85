/**
 * Whether an event costs more where much is stored: ten million expenses instead of a hundred thousand, of the same people
 * over two years, and a million rules instead of 16,000. Measures CPU time an event.
 */
import { cpuFigures, measureEvents, serverPid } from './cpu.ts';
import { assertSums } from './check.ts';
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
  const few = await measure({ expenses: size.fewExpenses, people });
  const manyExpenses = await measure({ expenses: size.manyExpenses, people });
  const manyRules = await measure({ expenses: size.fewExpenses, people: size.manyPeople });
  return {
    name: 'growth',
    figures: {
      ...rowsOf('an event, 100,000 expenses and 16,000 rules', few),
      ...rowsOf('an event, 10 million expenses', manyExpenses),
      ...rowsOf('an event, 1 million rules', manyRules),
    },
    ratios: {
      '10 million expenses / 100,000': microsecondsOf(manyExpenses) / microsecondsOf(few),
      '1 million rules / 16,000': microsecondsOf(manyRules) / microsecondsOf(few),
    },
  };
}

/** CPU seconds by process, for `count` events. */
type Measured = { cpu: Record<string, number>; count: number };

/** All processes together, for one event. */
const microsecondsOf = ({ cpu, count }: Measured): number =>
  (Object.values(cpu).reduce((sum, seconds) => sum + seconds, 0) / count) * 1e6;

const rowsOf = (what: string, measured: Measured): BenchResult['figures'] => ({
  [`CPU ${what}`]: { value: microsecondsOf(measured), unit: 'µs' },
  ...cpuFigures(what, measured),
});

/** Measures a load of web, worker and PostgreSQL, after a first load that is not counted. */
async function measure(stored: { expenses: number; people: number }): Promise<Measured> {
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
    await post();
    const pids = { web, worker: worker.pid, postgres };
    const measured = await measureEvents(client, pids, post);
    await assertSums(client, measured.count, stored.expenses);
    return measured;
  });
}
