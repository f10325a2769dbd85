/** A process that computes benchmarks is killed half-way; another finishes, and no benchmark is written twice. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { sql as statement } from 'kysely';
import { Client } from 'pg';
import { expect, test, vi } from 'vitest';
import { CohortWorld, spenders } from '../../support/worlds/cohort-world.ts';
import { runCommand } from '../../support/servers/command-line.ts';
import { databaseOfFile } from '../../support/servers/opened-database.ts';

const waitOptions = { timeout: 45_000, interval: 20 };

const database = await databaseOfFile();
const settings = { DATABASE_URL: database.url, JWT_SECRET: 'a-secret-of-these-tests-of-32-characters' };
const job = ['job', 'run', 'benchmarks', '--at', '2026-11-10T02:15:00Z'];

test('a benchmark run that is killed half-way is finished by another, which writes the missing ones alone', async () => {
  const worlds = await Promise.all([1, 2, 3].map(() => CohortWorld.make(database.db)));
  for (const world of worlds)
    for (const day of ['2026-10-31', '2026-09-01', '2026-08-15'])
      await world.spend(...spenders(12).map((each) => ({ ...each, day })));
  await countWrites();

  const [, last] = worlds.toSorted((one, other) => (one.tenantId < other.tenantId ? -1 : 1));
  const blocked = await blockBenchmark(last?.tenantId ?? '', '2026-09-01');
  const doomed = spawn(process.execPath, [path.resolve('src/cli/spendwatch.js'), ...job], {
    env: { PATH: process.env['PATH'], ...settings },
    stdio: 'ignore',
  });
  const ended = once(doomed, 'exit');
  await vi.waitFor(async () => expect([doomed.exitCode, await waiting()]).toEqual([null, 1]), waitOptions);
  doomed.kill('SIGKILL');
  expect(await ended).toEqual([null, 'SIGKILL']);
  const before = await readWrites();
  expect(before.length).toBeGreaterThan(0);
  expect(before.length).toBeLessThan(9);
  await blocked.unblock();
  await vi.waitFor(async () => expect(await connections()).toBe(0), waitOptions);

  // The killed run counts as running until it has given no sign of life for forty seconds.
  expect(await runCommand(settings, ...job)).toMatchObject({
    outcome: 'skipped: still running for the slot 2026-11-10T02:15:00Z',
  });
  await statement`update job_runs set changed_at = changed_at - interval '41 seconds'`.execute(database.sql);
  expect(await runCommand(settings, ...job)).toMatchObject({
    outcome: `benchmarks made: ${9 - before.length}, for 3 tenants`,
  });
  expect(await runCommand(settings, ...job)).toMatchObject({ outcome: 'benchmarks made: 0, for 3 tenants' });
  const made = await readWrites();
  expect([made.length, new Set(made).size]).toEqual([9, 9]);
  for (const world of worlds)
    for (const month of ['2026-10-01', '2026-09-01', '2026-08-01'])
      expect([(await world.benchmark('food', month)).median, await world.people('food', month)]).toEqual([
        '6500.00',
        expect.objectContaining({ length: 12 }),
      ]);
});

/** Counts by a trigger how often each benchmark is written. */
async function countWrites(): Promise<void> {
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

async function readWrites(): Promise<string[]> {
  const { rows } = await statement<{ made: string }>`
    select tenant_id || ' ' || month as made from made_benchmarks`.execute(database.sql);
  return rows.map(({ made }) => made);
}

/** Makes the write of this benchmark wait, with its figures computed, until `unblock` rolls the row back. */
async function blockBenchmark(tenantId: string, month: string): Promise<{ unblock(): Promise<void> }> {
  const holder = new Client({ connectionString: database.url });
  await holder.connect();
  await holder.query('begin');
  await holder.query(
    `insert into spending_benchmarks values ($1, 'food', $2, 'USD', '{food}', 1, 1, 1, 1, 1, 1, 1, 1, now())`,
    [tenantId, month],
  );
  return { unblock: () => holder.end() };
}

const waiting = async (): Promise<number> =>
  readCount(statement<{ count: number }>`
    select count(*)::int as count from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and query like '%with spent as materialized%'`);

/** Counts the killed run's connections; PostgreSQL notices a dead client when it answers it. */
const connections = async (): Promise<number> =>
  readCount(statement<{ count: number }>`
    select count(*)::int as count from pg_stat_activity
    where datname = current_database() and query like '%with spent as materialized%' and state = 'active'
      and pid <> pg_backend_pid()`);

async function readCount(query: ReturnType<typeof statement<{ count: number }>>): Promise<number> {
  const { rows } = await query.execute(database.sql);
  return rows[0]?.count ?? -1;
}
