/** A migrated database for one test, on the PostgreSQL of the run. */
import { randomBytes } from 'node:crypto';
import { MikroORM } from '@mikro-orm/postgresql';
import { Client } from 'pg';
import { inject } from 'vitest';
import type { Sql } from '../../../src/runtime/database/database.ts';
import { entities } from '../../../src/runtime/database/entities/index.ts';
import { template } from '../global-setup.ts';

/** `sql` connects as the owner, who sees the rows of every tenant. */
export type FreshDatabase = { url: string; sql: Sql; drop(): Promise<void> };

export async function freshDatabase(): Promise<FreshDatabase> {
  const server = inject('databaseServer');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await administer(server, `create database ${name} template ${template}`);
  const url = server.replace(template, name);
  const owner = await openOwner(url);
  return {
    url,
    sql: owner.sql,
    drop: async () => {
      await owner.close();
      await administer(server, `drop database if exists ${name} with (force)`);
    },
  };
}

/** Connects as the owner of the tables; the service itself sees only the tenants that a transaction names. */
export async function openOwner(url: string): Promise<{ sql: Sql; close(): Promise<void> }> {
  const orm = await MikroORM.init({ entities: [...entities], clientUrl: url, pool: { min: 0, max: 2 } });
  return { sql: orm.em.fork().getKysely(), close: () => orm.close() };
}

async function administer(server: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: server.replace(template, 'postgres') });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
