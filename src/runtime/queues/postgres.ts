/** The queues on PostgreSQL, in BullMQ's own schema beside the service's tables. */
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
import { TooLate, within } from '../within.ts';

export const queueSchema = 'bullmq';
const bound = withBackend(createPostgresBackend);

/**
 * If a worker's first connection fails, the library retries that failed attempt for ever without ever connecting. So
 * the worker is closed. It then takes no jobs, which the stall watchdog notices.
 */
function endUnlessReady(worker: {
  waitUntilReady(): Promise<unknown>;
  close(force: boolean): Promise<void>;
}): void {
  worker.waitUntilReady().catch(() => worker.close(true));
}

/**
 * All queues share one pool, of which every worker keeps one connection to listen on. Commits do not wait for the
 * disk. Jobs lost in a power cut are enqueued again from the rows they point to.
 */
export function postgresBackend(url: string, role: string, onError: (error: Error) => void): QueueBackend {
  const pool = new Pool({
    connectionString: url,
    max: 16,
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
    // Enqueueing, the scheduler and the stall watchdog must not wait for ever on a silent network.
    query_timeout: 30_000,
    application_name: 'spendwatch-queues',
    options: `-c role=${role} -c search_path=${queueSchema} -c synchronous_commit=off`,
  });
  pool.on('error', onError);
  // The running query rejects with the same error. Without a listener the event would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  pool.setMaxListeners(0);
  const connection = pool as PgPool;
  // The library's types name the Redis classes only; both kinds have the same methods.
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
    ping: () => assertSession(pool, role),
    close: () => endWithin(pool, closeWithinMs),
  };
}

/** A pooler may drop the start-up parameter, and with it the role and the schema. */
async function assertSession(pool: Pool, role: string): Promise<void> {
  const { rows } = await pool.query<{ is_right: boolean }>(
    'select current_user = $1 and current_schema() = $2 as is_right',
    [role, queueSchema],
  );
  if (!rows[0]?.is_right)
    throw new Error(
      `the connections of the queues do not act as ${role} in the schema ${queueSchema}: let the pooler pass on the start-up parameter "options"`,
    );
}

/** A worker abandoned with a running job keeps its connection until the job ends, which may be never. */
const closeWithinMs = 1_000;

async function endWithin(pool: Pool, ms: number): Promise<void> {
  try {
    await within(ms, pool.end());
  } catch (error) {
    if (!(error instanceof TooLate)) throw error;
  }
}

/** A bulk insert makes temporary tables, which takes ten milliseconds. That pays only for many jobs. */
const bulkFrom = 20;

async function addAll(queue: Queue, jobs: readonly NewJob[]): Promise<void> {
  if (jobs.length >= bulkFrom) await queue.addBulk([...jobs]);
  else await Promise.all(jobs.map(({ name, data, opts }) => queue.add(name, data, opts)));
}

/** Makes or updates BullMQ's schema; safe to call from several processes at once. */
export const migrateQueues = (client: Client): Promise<unknown> => runMigrations(client, queueSchema);
