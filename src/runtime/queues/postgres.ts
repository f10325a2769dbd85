/** The queues on PostgreSQL, in a schema of BullMQ's own beside the service's tables. */
import { setTimeout as delay } from 'node:timers/promises';
import {
  createPostgresBackend,
  type PgPool,
  type Queue,
  runMigrations,
  withBackend,
  type Worker,
} from 'bullmq';
import { type Client, Pool } from 'pg';
import type { NewJob, QueueBackend } from './backend.ts';

export const queueSchema = 'bullmq';
const bound = withBackend(createPostgresBackend);

/**
 * The library remembers a first connection that failed, and asks for it again and again without ever leaving the
 * process. A worker closed for it takes no work, which the watch over wedged workers notices.
 */
function endUnlessReady(worker: {
  waitUntilReady(): Promise<unknown>;
  close(force: boolean): Promise<void>;
}): void {
  worker.waitUntilReady().catch(() => worker.close(true));
}

/**
 * One shared pool: every worker keeps one connection of it for itself, to listen on. Its commits do not wait
 * for the disk: what a power cut could take from a queue, the rows it points to bring back.
 */
export function postgresBackend(url: string, role: string, onError: (error: Error) => void): QueueBackend {
  const pool = new Pool({
    connectionString: url,
    max: 16,
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
    // Whoever rings, ticks or watches must not wait for ever on a network that has fallen silent.
    query_timeout: 30_000,
    application_name: 'spendwatch-queues',
    options: `-c role=${role} -c search_path=${queueSchema} -c synchronous_commit=off`,
  });
  pool.on('error', onError);
  // One in use tells its user; unheard, its error event would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  pool.setMaxListeners(0);
  const connection = pool as PgPool;
  // The Redis classes are the library's nominal types; both kinds have the same methods.
  return {
    dependency: 'queue',
    isUp: () => true,
    queue: (name) => new bound.Queue(name, { connection }) as unknown as Queue,
    worker: (name, processor, options) => {
      const worker = new bound.Worker(name, processor, { ...options, connection });
      endUnlessReady(worker);
      return worker as unknown as Worker;
    },
    addAll,
    isOutage: () => false,
    ping: async () => void (await connection.query('select 1')),
    close: () => endWithin(pool, closeWithinMs),
  };
}

/** A worker that was let go of keeps its connections until its job ends, which may be never. */
const closeWithinMs = 1_000;

async function endWithin(pool: Pool, ms: number): Promise<void> {
  const timer = new AbortController();
  await Promise.race([pool.end(), delay(ms, undefined, { signal: timer.signal }).catch(() => undefined)]);
  timer.abort();
}

/** Adding in bulk makes temporary tables each time: ten milliseconds, and worth it for many only. */
const bulkFrom = 20;

async function addAll(queue: Queue, jobs: readonly NewJob[]): Promise<void> {
  if (jobs.length >= bulkFrom) await queue.addBulk([...jobs]);
  else await Promise.all(jobs.map(({ name, data, opts }) => queue.add(name, data, opts)));
}

/** Makes or updates BullMQ's schema. Safe to call from several processes at once. */
export const migrateQueues = (client: Client): Promise<unknown> => runMigrations(client, queueSchema);
