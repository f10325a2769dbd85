/**
 * One embedded PostgreSQL and one Redis for the run; every test file makes databases of its own on the one,
 * and keeps to a prefix of its own on the other.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { TestProject } from 'vitest/node';
import { joinEmbeddedPostgres } from '../../src/runtime/database/embedded/join.ts';
import { migrate } from '../../src/runtime/migrate.ts';
import { PrivateRedis, removeTestKeys, whyNoRedis } from './servers/redis.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where databases are made; `template` among them is migrated, to be copied. */
    databaseServer: string;
    /** Null where there is none: the suites on Redis are then skipped. */
    redisServer: string | null;
  }
}

export const template = 'template_spendwatch';

/** The server goes with the run, so nothing of it needs to outlive a power cut. */
const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '400' };

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  // First, as it may refuse: nothing else is to be left running then.
  const redis = await startRedis();
  const dataDir = await mkdtemp(join(tmpdir(), 'spendwatch-test-'));
  const server = await joinEmbeddedPostgres({ dataDir, database: template, settings });
  await migrate(server.url);
  await forbidConnections(server.url);
  project.provide('databaseServer', server.url);
  project.provide('redisServer', redis?.url ?? null);
  return async () => {
    await redis?.stop();
    await server.release();
    await rm(dataDir, { recursive: true, force: true });
  };
}

type RunRedis = { url: string; stop(): Promise<void> };

/** An operator's where they name one, else a private one, else none, which a pipeline does not put up with. */
async function startRedis(): Promise<RunRedis | null> {
  const url = process.env['REDIS_URL'];
  if (url) return { url, stop: () => removeTestKeys(url) };
  if (whyNoRedis !== null) {
    if (process.env['CI'] === 'true') throw new Error(`${whyNoRedis}: nothing tests the queues on Redis`);
    return null;
  }
  const server = await PrivateRedis.start();
  return { url: server.url, stop: () => server.kill() };
}

/** PostgreSQL copies only a database nobody is connected to. */
async function forbidConnections(url: string): Promise<void> {
  const client = new Client({ connectionString: url.replace(template, 'postgres') });
  await client.connect();
  await client.query(`alter database ${template} with allow_connections false is_template true`);
  await client.end();
}
