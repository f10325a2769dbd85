/**
 * The migrations up and down: they build the schema of the entities. Every index begins with the tenant and serves a
 * query.
 */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Client, type QueryResultRow } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  migrateDown,
  migrateUp,
  pendingMigrations,
  schemaDifference,
} from '../../../src/runtime/database/migrations.ts';
import { entities } from '../../../src/runtime/database/entities/index.ts';
import { type FreshDatabase, freshDatabase } from '../../support/servers/database.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const migrations = globSync('migrations/*/Migration*.ts', { cwd: root }).length;

let database: FreshDatabase;

beforeAll(async () => {
  database = await freshDatabase();
});

afterAll(async () => {
  await database.drop();
});

async function rows<Row extends QueryResultRow>(url: string, statement: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(statement)).rows;
  } finally {
    await client.end();
  }
}

/** Names of the tables, sequences, types, functions and policies in the schema, without MikroORM's own table. */
const thingsLeft = (url: string): Promise<{ name: string }[]> =>
  rows(
    url,
    `select relname as name from pg_class
     where relnamespace = 'public'::regnamespace and relname not like 'schema_migrations%'
     union all select proname from pg_proc where pronamespace = 'public'::regnamespace
     union all select policyname from pg_policies where schemaname = 'public'
     order by 1`,
  );

describe('the migrations', () => {
  test('build the schema that the entities describe', async () => {
    expect(await pendingMigrations(database.url)).toEqual([]);
    expect(await schemaDifference(database.url)).toBe('');
  });

  test('run once when several processes start together', async () => {
    expect(await Promise.all([migrateUp(database.url), migrateUp(database.url)])).toEqual([[], []]);
  });

  test('go down to an empty schema, and up again once though two processes start', async () => {
    const own = await freshDatabase();
    await migrateDown(own.url);
    expect(await thingsLeft(own.url)).toEqual([]);
    expect(await schemaDifference(own.url)).toContain('create table');
    expect(await pendingMigrations(own.url)).toHaveLength(migrations);
    const applied = await Promise.all([migrateUp(own.url), migrateUp(own.url)]);
    expect(applied.flat()).toHaveLength(migrations);
    expect(await schemaDifference(own.url)).toBe('');
    expect(await thingsLeft(own.url)).toEqual(await thingsLeft(database.url));
    await own.drop();
  });

  test('differ from the entities when the database has a column of its own', async () => {
    const own = await freshDatabase();
    await rows(own.url, 'alter table users add column nickname text');
    expect(await schemaDifference(own.url)).toContain('nickname');
    await own.drop();
  });
});

type Index = { table: string; name: string; is_primary: boolean; columns: string[] };

const indexes = (url: string): Promise<Index[]> =>
  rows<Index>(
    url,
    `select t.relname as table, i.relname as name, x.indisprimary as is_primary,
       array(
         select pg_get_indexdef(x.indexrelid, place, true)
         from generate_series(1, x.indnkeyatts) place order by place
       ) as columns
     from pg_index x
     join pg_class i on i.oid = x.indexrelid
     join pg_class t on t.oid = x.indrelid
     where t.relnamespace = 'public'::regnamespace and t.relname <> 'schema_migrations'
     order by 1, 2`,
  );

/** Tables that belong to no single tenant. */
const shared = ['tenants', 'job_runs', 'audit_events', 'service_clock', 'service_keys'];
const notTenantFirst = [
  // Read before the key's tenant is known; the hash is unique among all tenants.
  'api_keys_hash',
  // Read before the webhook's tenant is known.
  'webhook_sources_id',
];

/** An index in an entity, with the comment above it that names the files reading it. */
const definition =
  /(?<comment>(?:^ *\/\/.*\n)+) *name: '(?<name>\w+)',\n *expression:\s*(?<expression>.*),\n/gm;

type Documented = { name: string; queries: string[]; expression: string };

function documentedIndexes(): Documented[] {
  const sources = globSync('src/runtime/database/entities/*.ts', { cwd: root }).map((file) =>
    readFileSync(path.join(root, file), 'utf8'),
  );
  return sources.flatMap((source) =>
    [...source.matchAll(definition)].map(({ groups }) => ({
      name: groups?.['name'] ?? '',
      expression: groups?.['expression'] ?? '',
      queries: readQueryNames(groups?.['comment'] ?? ''),
    })),
  );
}

/** Reads the file names of a comment like `// read-rule, list-rules: purpose`. */
const readQueryNames = (comment: string): string[] =>
  (/^ *\/\/ (?<names>[a-z]+(?:-[a-z]+)+(?:, [a-z]+(?:-[a-z]+)+)*):/.exec(comment)?.groups?.['names'] ?? '')
    .split(', ')
    .filter(Boolean);

describe('the indexes', () => {
  test('begin with the tenant, except on shared tables and for two look-ups', async () => {
    const found = await indexes(database.url);
    expect(found.filter(({ is_primary }) => is_primary)).toHaveLength(entities.length);
    const astray = found.filter(
      ({ table, columns }) => !shared.includes(table) && columns[0] !== 'tenant_id',
    );
    expect(astray.map(({ name }) => name)).toEqual(notTenantFirst);
  });

  test('each serve a query whose file is named in a comment and exists', async () => {
    const found = (await indexes(database.url)).filter(({ is_primary }) => !is_primary);
    const documented = documentedIndexes();
    expect(found.length).toBeGreaterThan(10);
    expect(documented.map(({ name }) => name).sort()).toEqual(found.map(({ name }) => name).sort());
    expect(documented.filter(({ queries }) => queries.length === 0).map(({ name }) => name)).toEqual([]);
    const queries = new Set(globSync('src/**/*.ts', { cwd: root }).map((file) => path.basename(file, '.ts')));
    const wrong = documented.flatMap(({ name, queries: readers }) =>
      readers.filter((reader) => !queries.has(reader)).map((reader) => `${name}: there is no ${reader}`),
    );
    expect(wrong).toEqual([]);
  });

  test('belong to tables with a foreign key to their tenant, except shared ones and those of events', async () => {
    const cascading = await rows<{ table: string }>(
      database.url,
      `select conrelid::regclass::text as table from pg_constraint
       where contype = 'f' and confrelid = 'tenants'::regclass and confdeltype = 'c'`,
    );
    const tables = (await indexes(database.url)).map(({ table }) => table);
    // `isolation.test.ts` shows that a trigger deletes the rows of these.
    const keyless = [...shared, 'events', 'expenses', 'daily_spend', 'rule_spend'];
    const own = [...new Set(tables)].filter((table) => !keyless.includes(table));
    expect(cascading.map(({ table }) => table).sort()).toEqual(own.sort());
  });
});
