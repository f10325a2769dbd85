/** A process that makes benchmarks is killed in the middle of one: another finishes, and nothing is made twice. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { sql as statement } from 'kysely';
import { Client } from 'pg';
import { expect, test, vi } from 'vitest';
import { CohortWorld, spenders } from '../../support/worlds/cohort-world.ts';
import { runCommand } from '../../support/servers/command-line.ts';
import { databaseOfFile } from '../../support/servers/opened-database.ts';

const patience = { timeout: 45_000, interval: 20 };

const database = await databaseOfFile();
const settings = { DATABASE_URL: database.url, JWT_SECRET: 'a-secret-of-these-tests-of-32-characters' };
const job = ['job', 'run', 'benchmarks', '--at', '2026-11-10T02:15:00Z'];

test('killed in the middle of a benchmark, finished by another', async () => {
  const worlds = await Promise.all([1, 2, 3].map(() => CohortWorld.make(database.db)));
  for (const world of worlds)
    for (const day of ['2026-10-31', '2026-09-01', '2026-08-15'])
      await world.spend(...spenders(12).map((each) => ({ ...each, day })));
  await countMade();

  const [, last] = worlds.toSorted((one, other) => (one.tenantId < other.tenantId ? -1 : 1));
  const held = await holdBenchmark(last?.tenantId ?? '', '2026-09-01');
  const doomed = spawn(process.execPath, [path.resolve('src/cli/spendwatch.js'), ...job], {
    env: { PATH: process.env['PATH'], ...settings },
    stdio: 'ignore',
  });
  const ended = once(doomed, 'exit');
  await vi.waitFor(async () => expect([doomed.exitCode, await waiting()]).toEqual([null, 1]), patience);
  doomed.kill('SIGKILL');
  expect(await ended).toEqual([null, 'SIGKILL']);
  const before = await readMade();
  expect(before.length).toBeGreaterThan(0);
  expect(before.length).toBeLessThan(9);
  await held.letGo();
  await vi.waitFor(async () => expect(await connections()).toBe(0), patience);

  expect(await runCommand(settings, ...job)).toMatchObject({
    outcome: `benchmarks made: ${9 - before.length}, for 3 tenants`,
  });
  expect(await runCommand(settings, ...job)).toMatchObject({ outcome: 'benchmarks made: 0, for 3 tenants' });
  const made = await readMade();
  expect([made.length, new Set(made).size]).toEqual([9, 9]);
  for (const world of worlds)
    for (const month of ['2026-10-01', '2026-09-01', '2026-08-01'])
      expect([(await world.benchmark('food', month)).median, await world.people('food', month)]).toEqual([
        '6500.00',
        expect.objectContaining({ length: 12 }),
      ]);
});

/** Counts how often each benchmark is written, beside the service. */
async function countMade(): Promise<void> {
  await statement`
    create table made_benchmarks (tenant_id uuid, month date);
    create function count_made() returns trigger language plpgsql security definer as $$
    begin
      insert into public.made_benchmarks values (new.tenant_id, new.month);
      return null;
    end $$;
    create trigger count_made after insert or update on spending_benchmarks
      for each row execute function count_made()`.execute(database.sql);
}

async function readMade(): Promise<string[]> {
  const { rows } = await statement<{ made: string }>`
    select tenant_id || ' ' || month as made from made_benchmarks`.execute(database.sql);
  return rows.map(({ made }) => made);
}

/** Whoever makes this benchmark waits, all its figures worked out, until `letGo` takes the row back. */
async function holdBenchmark(tenantId: string, month: string): Promise<{ letGo(): Promise<void> }> {
  const holder = new Client({ connectionString: database.url });
  await holder.connect();
  await holder.query('begin');
  await holder.query(
    `insert into spending_benchmarks values ($1, 'food', $2, 'USD', '{food}', 1, 1, 1, 1, 1, 1, 1, 1, now())`,
    [tenantId, month],
  );
  return { letGo: () => holder.end() };
}

const waiting = async (): Promise<number> =>
  countOf(statement<{ count: number }>`
    select count(*)::int as count from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and query like '%with spent as materialized%'`);

/** Of the dead, which PostgreSQL notices when it answers them. */
const connections = async (): Promise<number> =>
  countOf(statement<{ count: number }>`
    select count(*)::int as count from pg_stat_activity
    where datname = current_database() and query like '%with spent as materialized%' and state = 'active'
      and pid <> pg_backend_pid()`);

async function countOf(query: ReturnType<typeof statement<{ count: number }>>): Promise<number> {
  const { rows } = await query.execute(database.sql);
  return rows[0]?.count ?? -1;
}
