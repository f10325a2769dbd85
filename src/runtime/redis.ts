/**
 * Opens clients of Redis: one kind for callers that must never wait, one for the queues' workers. Owns reconnecting
 * and logging it; the opener closes the client.
 */
import { Redis, type RedisOptions } from 'ioredis';
import type { Log } from './log.ts';

export type { Redis };

/**
 * `caller`: a command fails at once while Redis is away, and within `commandTimeoutMs` if Redis does not answer.
 * `worker`: a command waits without limit.
 */
export type RedisUse = 'caller' | 'worker';

const commandTimeoutMs = 1_000;
const longestRetryMs = 2_000;

const options: Record<RedisUse, RedisOptions> = {
  // The socket timeout runs while an answer is awaited; a silent connection is dropped and replaced.
  caller: {
    enableOfflineQueue: false,
    commandTimeout: commandTimeoutMs,
    maxRetriesPerRequest: 1,
    socketTimeout: 5_000,
  },
  // No command of a worker blocks for longer than ten seconds, so a socket silent for thirty is dead.
  worker: { maxRetriesPerRequest: null, socketTimeout: 30_000 },
};

/** Connects in the background and reconnects for ever. `name` identifies the client in the log and in Redis. */
export function openRedis(url: string, use: RedisUse, { name, log }: { name: string; log: Log }): Redis {
  const client = new Redis(url, {
    ...options[use],
    connectionName: `spendwatch-${name}`,
    connectTimeout: 5_000,
    keepAlive: 10_000,
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 10), longestRetryMs),
    // After a failover the old address may lead to a replica, which is read-only.
    reconnectOnError: ({ message }) => message.startsWith('READONLY'),
  });
  return logChanges(client, log.child({ redis: name }));
}

export const isReady = ({ status }: Pick<Redis, 'status'>): boolean => status === 'ready';

/** Resolves to true once commands are accepted, to false if that takes longer than `withinMs`. */
export async function waitUntilReady(client: Redis, withinMs: number): Promise<boolean> {
  if (isReady(client)) return true;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, withinMs);
  client.once('ready', resolve);
  await promise;
  client.off('ready', resolve);
  clearTimeout(timer);
  return isReady(client);
}

/**
 * Resolves if Redis answers and evicts nothing when its memory is full. INFO is used, because managed servers forbid
 * CONFIG GET. A server that does not report its policy is trusted.
 */
export async function pingRedis(client: Redis): Promise<void> {
  if (!isReady(client)) throw new Error(`Redis is away (${client.status}): check REDIS_URL and the server`);
  const memory = await client.info('memory');
  const policy = /^maxmemory_policy:(?<policy>\S+)/m.exec(memory)?.groups?.['policy'] ?? 'noeviction';
  if (policy !== 'noeviction')
    throw new Error(`Redis has maxmemory-policy ${policy} and may drop jobs: set it to noeviction`);
}

const connectionCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
const connectionMessages =
  /^(?:Connection is closed|Command timed out|Socket timeout|Stream isn't writeable|connect ETIMEDOUT|Reached the max retries)/;

/** True for errors that only say that Redis is away; the client has logged that already. */
export function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return connectionCodes.has(codeOf(error)) || connectionMessages.test(error.message);
}

const codeOf = (error: Error): string => String(Reflect.get(error, 'code') ?? '');

/** Logs one line when Redis goes away and one when it is back, however many tries lie between. */
function logChanges(client: Redis, log: Log): Redis {
  let isAway = false;
  let reason = 'connection closed';
  const noteAway = () => {
    if (!isAway) log.warn({ reason }, 'Redis is away; trying again until it is back');
    isAway = true;
  };
  client.on('error', (error: Error) => {
    // Only the message is kept: the error may carry the command with the password.
    reason = error.message || codeOf(error);
    noteAway();
  });
  client.on('reconnecting', noteAway);
  client.on('ready', () => {
    if (isAway) log.info('Redis is back');
    isAway = false;
    reason = 'connection closed';
  });
  return client;
}
