/** A release, which is a run of the migrations: the rights it grants to the service's role, and a lost connection. */
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Database } from '../../../src/runtime/database/database.ts';
import { migrateDown, migrateUp, pendingMigrations } from '../../../src/runtime/database/migrations.ts';
import { createLog } from '../../../src/runtime/log.ts';
import { findLack, migrate } from '../../../src/runtime/migrate.ts';
import { type FreshDatabase, freshDatabase } from '../../support/servers/database.ts';

const noRights = 'the rights of the role that DATABASE_URL names';

let database: FreshDatabase;
let owner: Client;

beforeEach(async () => {
  database = await freshDatabase();
  owner = new Client({ connectionString: database.url });
  await owner.connect();
});

afterEach(async () => {
  await owner.end();
  await database.drop();
});

describe('a login role', () => {
  const login = `release_${randomBytes(4).toString('hex')}`;
  const password = randomBytes(9).toString('hex');

  afterEach(() => owner.query(`drop role if exists ${login}`));

  async function makeLogin(options: string): Promise<string> {
    await owner.query(`create role ${login} login ${options} password '${password}'`);
    const url = new URL(database.url);
    url.username = login;
    url.password = password;
    return url.href;
  }

  /** Connects as the service does. */
  async function serves(url: string): Promise<void> {
    const db = await Database.open({ url, log: createLog('silent') });
    await db.ping();
    await db.close();
  }

  test.each(['inherit', 'noinherit'])(
    'with %s gets the rights of the service from a release',
    async (option) => {
      const url = await makeLogin(option);
      expect(await findLack(url)).toBe(noRights);
      await migrate(database.url, url);
      expect(await findLack(url)).toBeNull();
      await serves(url);
    },
  );

  test('that could only inherit the rights of the service may use its role after a release', async () => {
    const url = await makeLogin('inherit');
    await owner.query(`grant spendwatch_service to ${login} with inherit true, set false`);
    expect(await findLack(url)).toBe(noRights);
    await expect(serves(url)).rejects.toThrow('permission denied to set role');
    await migrate(database.url, url);
    expect(await findLack(url)).toBeNull();
    await serves(url);
  });

  test('with noinherit sees which migrations are pending', async () => {
    const url = await makeLogin('noinherit');
    await migrate(database.url, url);
    await owner.query('delete from schema_migrations where id = (select max(id) from schema_migrations)');
    expect(await findLack(url)).toBe('1 migrations');
  });
});

test('a release that loses its connection while it holds the lock says so and can be run again', async () => {
  await migrateDown(database.url);
  const blocker = new Client({ connectionString: database.url });
  await blocker.connect();
  await blocker.query('begin; lock table schema_migrations in access exclusive mode');
  const migrated = migrateUp(database.url).catch((error: unknown) => error);
  const end = `
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name = 'spendwatch-migrate' and state = 'idle'
      and exists (select from pg_locks l where l.pid = pg_stat_activity.pid and l.locktype = 'advisory')`;
  await vi.waitFor(async () => expect((await owner.query(end)).rowCount).toBe(1), { timeout: 20_000 });
  await blocker.end();
  expect(await migrated).toMatchObject({
    message: 'the connection to the database was lost on the way: run it again',
    cause: { code: '57P01' },
  });
  await migrateUp(database.url);
  expect(await pendingMigrations(database.url)).toEqual([]);
});
