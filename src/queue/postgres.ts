/** The queues on PostgreSQL, in a schema of BullMQ's own beside the service's tables. */
import {
  createPostgresBackend,
  type PgPool,
  type Queue,
  runMigrations,
  withBackend,
  type Worker,
} from 'bullmq';
import { Client, Pool } from 'pg';
import type { QueueBackend } from './backend.ts';

const schema = 'bullmq';
const bound = withBackend(createPostgresBackend);

/**
 * One shared pool: every worker keeps one connection of it for itself, to listen on. Its commits do not wait
 * for the disk: what a power cut could take from a queue, the rows it points to bring back.
 */
export function postgresBackend(url: string, onError: (error: Error) => void): QueueBackend {
  const pool = new Pool({
    connectionString: url,
    max: 16,
    keepAlive: true,
    application_name: 'spendwatch-queues',
    options: `-c search_path=${schema} -c synchronous_commit=off`,
  });
  pool.on('error', onError);
  pool.setMaxListeners(0);
  const connection = pool as PgPool;
  // The Redis classes are the library's nominal types; both kinds have the same methods.
  return {
    queue: (name) => new bound.Queue(name, { connection }) as unknown as Queue,
    worker: (name, processor, options) =>
      new bound.Worker(name, processor, { ...options, connection }) as unknown as Worker,
    ping: async () => void (await connection.query('select 1')),
    close: () => connection.end(),
  };
}

/** Makes or updates BullMQ's schema. Safe to call from several processes at once. */
export async function migrateQueues(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await runMigrations(client, schema);
  } finally {
    await client.end();
  }
}
