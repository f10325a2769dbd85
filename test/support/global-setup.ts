/** One embedded PostgreSQL for the run; every test file makes databases of its own on it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { TestProject } from 'vitest/node';
import { joinEmbeddedPostgres } from '../../src/db/embedded/join.ts';
import { migrate } from '../../src/migrate.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where databases are made; `template` among them is migrated, to be copied. */
    databaseServer: string;
  }
}

export const template = 'template_spendwatch';

/** The server goes with the run, so nothing of it needs to outlive a power cut. */
const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '400' };

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'spendwatch-test-'));
  const server = await joinEmbeddedPostgres({ dataDir, database: template, settings });
  await migrate(server.url);
  await forbidConnections(server.url);
  project.provide('databaseServer', server.url);
  return async () => {
    await server.release();
    await rm(dataDir, { recursive: true, force: true });
  };
}

/** PostgreSQL copies only a database nobody is connected to. */
async function forbidConnections(url: string): Promise<void> {
  const client = new Client({ connectionString: url.replace(template, 'postgres') });
  await client.connect();
  await client.query(`alter database ${template} with allow_connections false is_template true`);
  await client.end();
}
