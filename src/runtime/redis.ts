/**
 * Opens clients of Redis, for whoever has work for it: one kind for callers that must never wait, one for
 * the workers' side of the queues. Owns reconnecting and what is said of it; closing is the opener's.
 */
import { Redis, type RedisOptions } from 'ioredis';
import type { Log } from './log.ts';

export type { Redis };

/**
 * `caller`: a command fails at once while Redis is away, and within `commandTimeoutMs` when it does not
 * answer. `worker`: a command waits for as long as it takes.
 */
export type RedisUse = 'caller' | 'worker';

const commandTimeoutMs = 1_000;
const longestRetryMs = 2_000;

const options: Record<RedisUse, RedisOptions> = {
  // The socket's time runs while an answer is awaited: one that has fallen silent is given up, and made anew.
  caller: {
    enableOfflineQueue: false,
    commandTimeout: commandTimeoutMs,
    maxRetriesPerRequest: 1,
    socketTimeout: 5_000,
  },
  // No command of a worker blocks for longer than ten seconds: a socket silent for thirty is dead.
  worker: { maxRetriesPerRequest: null, socketTimeout: 30_000 },
};

/** Connects in the background, and again for ever. `name` is what the log and Redis call the client. */
export function openRedis(url: string, use: RedisUse, { name, log }: { name: string; log: Log }): Redis {
  const client = new Redis(url, {
    ...options[use],
    connectionName: `spendwatch-${name}`,
    connectTimeout: 5_000,
    keepAlive: 10_000,
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 10), longestRetryMs),
    // After a failover the old address answers for a replica.
    reconnectOnError: ({ message }) => message.startsWith('READONLY'),
  });
  return logChanges(client, log.child({ redis: name }));
}

export const isReady = ({ status }: Pick<Redis, 'status'>): boolean => status === 'ready';

/** Resolves true once commands are taken; false when that takes longer than `withinMs`. */
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
 * Resolves when Redis answers and drops nothing to make room. Not by CONFIG GET, which managed ones forbid;
 * one that does not tell its policy is trusted.
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

/** Says that Redis is away, which its client has said already. */
export function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return connectionCodes.has(codeOf(error)) || connectionMessages.test(error.message);
}

const codeOf = (error: Error): string => String(Reflect.get(error, 'code') ?? '');

/** One line when it goes and one when it is back, however many tries lie between. */
function logChanges(client: Redis, log: Log): Redis {
  let isAway = false;
  let reason = 'connection closed';
  const noteAway = () => {
    if (!isAway) log.warn({ reason }, 'Redis is away; trying again until it is back');
    isAway = true;
  };
  client.on('error', (error: Error) => {
    // Not the error itself: the command it may carry can be the one with the password.
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
