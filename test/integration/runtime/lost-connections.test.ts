/** Lost connections to PostgreSQL end the transactions under way, and the pool replaces each connection. */
import { sql as statement } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Database } from '../../../src/runtime/database/database.ts';
import { createLog } from '../../../src/runtime/log.ts';
import { freshDatabase, type FreshDatabase } from '../../support/servers/database.ts';
import { Proxy } from '../../support/servers/proxy.ts';

let database: FreshDatabase;
let db: Database;

beforeAll(async () => {
  database = await freshDatabase();
  db = await Database.open({ url: database.url, log: createLog('silent'), poolSize: 2 });
});

afterAll(async () => {
  await db.close();
  await database.drop();
});

/** Resolves once both connections of the pool are in a transaction that sleeps for a minute. */
async function occupyBoth(): Promise<Promise<string>[]> {
  const begun = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const ended = begun.map(({ resolve }) =>
    db
      .transaction([], async (sql) => {
        await statement`select 1`.execute(sql);
        resolve();
        await statement`select pg_sleep(60)`.execute(sql);
      })
      .then(() => 'ended', String),
  );
  await Promise.all(begun.map(({ promise }) => promise));
  return ended;
}

test('connections that are lost in a transaction are replaced', async () => {
  for (let round = 0; round < 3; round += 1) {
    const occupied = await occupyBoth();
    const { rows } = await statement<{ ended: boolean }>`
      select pg_terminate_backend(pid) as ended from pg_stat_activity
      where datname = current_database() and application_name = 'spendwatch'`.execute(database.sql);
    expect(rows).toEqual([{ ended: true }, { ended: true }]);
    expect(await Promise.all(occupied)).not.toContain('ended');
    await db.ping();
  }
}, 30_000);

test('a silent network fails the statement under way, and its connection is replaced', async () => {
  const proxy = await Proxy.start(database.url);
  const url = proxy.through(database.url);
  const limited = await Database.open({
    url,
    log: createLog('silent'),
    poolSize: 1,
    silentAtMostMs: 1000,
  });
  await limited.ping();
  proxy.fallSilent();
  await expect(limited.ping()).rejects.toThrow('silent for 1 s');
  await proxy.cut();
  await proxy.mend();
  await limited.ping();
  await limited.close();
  await proxy.cut();
}, 30_000);
