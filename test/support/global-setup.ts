/**
 * One embedded PostgreSQL and one Redis for the run. Every test file creates its own databases on the PostgreSQL and
 * has its own key prefix on the Redis.
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
    /** URL of the server for new databases, which are copies of the migrated `template`. */
    databaseServer: string;
    /** URL of the run's Redis; null skips the suites on Redis. */
    redisServer: string | null;
  }
}

export const template = 'template_spendwatch';

/** The server ends with the run, so its data need not survive a power cut. */
const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '400' };

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  // Redis starts first, because it may fail, and then nothing else must be running.
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

/** The Redis of `REDIS_URL`, or else a private one, or else null; with `CI=true` a missing Redis is an error. */
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

/** Forbids connections to the template, because PostgreSQL copies only a database without connections. */
async function forbidConnections(url: string): Promise<void> {
  const client = new Client({ connectionString: url.replace(template, 'postgres') });
  await client.connect();
  await client.query(`alter database ${template} with allow_connections false is_template true`);
  await client.end();
}
