/**
 * Computes a month's benchmarks from a million expenses of 20,000 people, compared with the plain statement that
 * computes the same figures and stores nothing. Then both run with twice as many people and expenses.
 */
import type { Client } from 'pg';
import { Database } from '../../src/runtime/database/database.ts';
import { computeBenchmarks } from '../../src/insight/benchmarks/compute-benchmarks.ts';
import { createLog } from '../../src/runtime/log.ts';
import { cpuFigures, serverPid } from './cpu.ts';
import type { BenchResult } from './result.ts';
import { type Round, shortestRound } from './rounds.ts';
import { makeTenant, openDatabase } from './world.ts';

const month = '2026-10-01';
const peopleAtATime = 20_000;
const expensesAtATime = 1_000_000;
const rounds = 3;

type World = { client: Client; db: Database; tenantId: string; pids: Record<string, number> };

export async function benchBenchmarks(): Promise<BenchResult> {
  await using stack = new AsyncDisposableStack();
  const database = await openDatabase(stack);
  const { client } = database;
  const db = stack.adopt(await Database.open({ url: database.url, log: createLog('warn') }), (db) =>
    db.close(),
  );
  const { tenantId } = await makeTenant(database.url);
  const pids = { 'this process': process.pid, postgres: await serverPid(client) };
  const world = { client, db, tenantId, pids };

  await spend(world, 0);
  const single = await measure(world);
  await spend(world, 1);
  const double = await measure(world);
  return {
    name: 'benchmarks',
    figures: {
      'plain statement, a million expenses': { value: single.plain.ms, unit: 'ms' },
      'benchmarks made': { value: single.made.ms, unit: 'ms' },
      'benchmarks found unchanged': { value: single.unchanged.ms, unit: 'ms' },
      'plain statement, two million': { value: double.plain.ms, unit: 'ms' },
      'benchmarks made, of two million': { value: double.made.ms, unit: 'ms' },
      ...cpuOfRun('a plain statement', single.plain),
      ...cpuOfRun('a run that makes them', single.made),
      ...cpuOfRun('a run that finds them unchanged', single.unchanged),
      ...cpuOfRun('a run that makes them of two million', double.made),
      'memory of the process, more by': { value: double.grownMb, unit: 'MB' },
    },
    ratios: {
      'made / plain statement': single.made.ms / single.plain.ms,
      'unchanged / plain statement': single.unchanged.ms / single.plain.ms,
      'two million / one million': double.made.ms / single.made.ms,
    },
  };
}

const cpuOfRun = (what: string, { cpu }: Round): BenchResult['figures'] =>
  cpuFigures(what, { cpu, count: 1, unit: 'ms' });

async function measure(world: World) {
  const { client, db, tenantId, pids } = world;
  const forget = async () => {
    await client.query('truncate spending_benchmarks, benchmark_people');
    await client.query('checkpoint');
  };
  const make = (expected: number) => async () => {
    const count = await computeBenchmarks(db, tenantId, month, Temporal.Now.instant());
    if (count !== expected) throw new Error(`${count} benchmarks were made, not ${expected}`);
  };
  const plain = await shortestRound({ rounds, pids, work: () => plainStatement(world) });
  await make(10)();
  const before = process.memoryUsage().rss;
  const made = await shortestRound({ rounds, pids, prepare: forget, work: make(10) });
  const grownMb = (process.memoryUsage().rss - before) / 2 ** 20;
  await client.query('vacuum analyze spending_benchmarks, benchmark_people');
  const unchanged = await shortestRound({ rounds, pids, work: make(0) });
  return { plain, made, unchanged, grownMb };
}

async function plainStatement({ client, tenantId }: World): Promise<void> {
  const { rows } = await client.query(
    `select category_id, percentile_cont(array[0.1, 0.25, 0.5, 0.75, 0.9]) within group (order by spent),
       avg(spent), stddev_samp(spent)
     from (
       select user_id, category_id, sum(amount_minor) as spent
       from expenses
       where tenant_id = $1 and day >= '2026-10-01' and day < '2026-11-01'
       group by user_id, category_id
     ) people
     group by category_id`,
    [tenantId],
  );
  if (rows.length !== 10) throw new Error(`the plain statement found ${rows.length} categories, not 10`);
}

/** Inserts several expenses of every person in every category, on days of October. */
async function spend({ client, tenantId }: World, time: number): Promise<void> {
  await client.query(
    `insert into users (tenant_id, id, registered_at)
     select $1, 'u' || number, now() from generate_series($2::int * $3::int, ($2::int + 1) * $3::int - 1) number`,
    [tenantId, time, peopleAtATime],
  );
  await client.query(
    `insert into categories (tenant_id, id) select $1, 'c' || number from generate_series(0, 9) number
     on conflict do nothing`,
    [tenantId],
  );
  await client.query(
    `insert into expenses (tenant_id, id, event_time, event_id, event_source, user_id, category_id,
       amount_minor, currency, spent_at, day)
     select $1, 'e' || number, now(), 'e' || number, 'bench', 'u' || (number % $3 + $2::int * $3),
       'c' || (number / $3 % 10), 100 + number * 7919 % 100000, 'USD', now(),
       date '2026-10-01' + (number * 31 % 997 % 31)::int
     from generate_series($2::bigint * $4, ($2::bigint + 1) * $4 - 1) number`,
    [tenantId, time, peopleAtATime, expensesAtATime],
  );
  await client.query('truncate daily_spend');
  await client.query(
    `insert into daily_spend (tenant_id, user_id, day, category_id, currency, amount_minor, expense_count)
     select tenant_id, user_id, day, category_id, currency, sum(amount_minor), count(*)
     from expenses group by 1, 2, 3, 4, 5`,
  );
  await client.query('vacuum analyze');
}
