/** The queues on Redis, or on a compatible store such as Valkey. */
import { Queue, Worker } from 'bullmq';
import type { Log } from '../log.ts';
import { isConnectionError, isReady, openRedis, pingRedis, type Redis } from '../redis.ts';
import type { QueueBackend } from './backend.ts';

export type RedisBackendOptions = {
  url: string;
  /** A client of the kind `caller`; its opener closes it. */
  client: Redis;
  log: Log;
  /** The first part of every key, so that several services can share one Redis. */
  prefix: string;
};

/**
 * Workers share one connection for commands, and each has one more to block on. A process without workers opens
 * neither.
 */
export function redisBackend({ url, client, log, prefix }: RedisBackendOptions): QueueBackend {
  const opened: Redis[] = [];
  let shared: Redis | null = null;
  const openShared = () => {
    shared = openRedis(url, 'worker', { name: 'workers', log });
    shared.setMaxListeners(0);
    opened.push(shared);
    keepDuplicates(shared, opened);
    return shared;
  };
  client.setMaxListeners(0);
  return {
    dependency: 'redis',
    isUp: () => isReady(client),
    // No version check: if it failed once, the queue would stay unusable.
    queue: (name) =>
      new Queue(name, { connection: client, prefix: hashTag(prefix, name), skipVersionCheck: true }),
    worker: (name, processor, options) =>
      new Worker(name, processor, {
        ...options,
        connection: shared ?? openShared(),
        prefix: hashTag(prefix, name),
      }),
    addAll: async (queue, jobs) => void (await queue.addBulk([...jobs])),
    isOutage: isConnectionError,
    ping: () => pingRedis(client),
    close: async () => {
      for (const each of opened) each.disconnect();
    },
  };
}

/** In a cluster all keys of a queue are in one hash slot; different queues use different slots. */
const hashTag = (prefix: string, name: string): string => `{${prefix}:${name}}`;

/** BullMQ closes the duplicates it makes, but not while Redis is away. Then they would reconnect for ever. */
function keepDuplicates(client: Redis, kept: Redis[]): void {
  const duplicate = client.duplicate.bind(client);
  client.duplicate = (override) => {
    const copy = duplicate(override);
    kept.push(copy);
    return copy;
  };
}
