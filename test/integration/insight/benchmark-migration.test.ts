/** A migration of `benchmark_people`, the record of published values, to another shape of the table and back. */
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrateDown, migrateUp } from '../../../src/runtime/database/migrations.ts';
import { type FreshDatabase, freshDatabase } from '../../support/servers/database.ts';

const lastBefore = 'Migration20261122000009';
const tenantId = '00000000-0000-4000-8000-000000000001';

let database: FreshDatabase;
let owner: Client;

beforeAll(async () => {
  database = await freshDatabase();
  owner = new Client({ connectionString: database.url });
  await owner.connect();
  await owner.query(
    `insert into tenants (id, name, timezone, currency, benchmarks, created_at)
     values ($1, 'Test', 'UTC', 'USD', 'opt-out', now())`,
    [tenantId],
  );
});

afterAll(async () => {
  await owner.end();
  await database.drop();
});

async function peopleByKey(): Promise<unknown[]> {
  const { rows } = await owner.query(
    `select benchmark_key, user_id, spent_minor, percentile_rank,
       array(select distinct minor from unnest(published) known (minor) order by minor) as published
     from benchmark_people order by benchmark_key, user_id`,
  );
  return rows;
}

test('the migration keeps people’s current and earlier published values and their absences, up and down', async () => {
  await migrateDown(database.url, lastBefore);
  await owner.query(
    `insert into benchmark_people values
       ($1, 'food', '2026-10-01', 'p01', 500, 37.5, '{500}'),
       ($1, 'food', '2026-10-01', 'p02', 900, 62.5, '{null,700,900}'),
       ($1, 'rent', '2026-10-01', 'p01', null, null, '{80000,null}')`,
    [tenantId],
  );
  const before = await peopleByKey();

  await migrateUp(database.url);
  const { rows } = await owner.query(
    `select user_id, known.*
     from benchmark_people, unnest(benchmark_keys, spent_minor, percentile_ranks) known (key, minor, rank)
     order by user_id, key, minor`,
  );
  expect(rows).toEqual([
    { user_id: 'p01', key: 'food', minor: '500', rank: '37.5' },
    { user_id: 'p01', key: 'rent', minor: '80000', rank: null },
    { user_id: 'p01', key: 'rent', minor: null, rank: null },
    { user_id: 'p02', key: 'food', minor: '700', rank: null },
    { user_id: 'p02', key: 'food', minor: '900', rank: '62.5' },
    { user_id: 'p02', key: 'food', minor: null, rank: null },
  ]);

  await migrateDown(database.url, lastBefore);
  expect(await peopleByKey()).toEqual(before);
});
