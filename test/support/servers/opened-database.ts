/** A database for one test, opened as the service opens it. */
import { afterAll } from 'vitest';
import { Database } from '../../../src/runtime/database/database.ts';
import { createLog } from '../../../src/runtime/log.ts';
import { type FreshDatabase, freshDatabase } from './database.ts';

/** `db` connects as the service; `drop` closes it first. */
export type OpenedDatabase = FreshDatabase & { db: Database };

export async function openFreshDatabase(): Promise<OpenedDatabase> {
  const fresh = await freshDatabase();
  const db = await Database.open({ url: fresh.url, log: createLog('silent'), poolSize: 4 });
  const drop = async () => {
    await db.close();
    await fresh.drop();
  };
  return { ...fresh, db, drop };
}

/** A database for all tests of a file, called at its top and dropped after the last test. */
export async function databaseOfFile(): Promise<OpenedDatabase> {
  const database = await openFreshDatabase();
  afterAll(() => database.drop());
  return database;
}
