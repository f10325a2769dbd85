/** The queues on Redis, or on what speaks its protocol, such as Valkey. */
import { Queue, Worker } from 'bullmq';
import type { Log } from '../log.ts';
import { isConnectionError, isReady, openRedis, pingRedis, type Redis } from '../redis.ts';
import type { QueueBackend } from './backend.ts';

export type RedisBackendOptions = {
  url: string;
  /** A `caller`, the opener's to close. */
  client: Redis;
  log: Log;
  /** First part of every key, so that several services can share one Redis. */
  prefix: string;
};

/**
 * Workers share one connection for commands, and each has one more to wait on. Neither is opened in a process
 * that runs none.
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
    // Without the check of the version: were it to fail, the queue would be of no use ever after.
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

/** All keys of a queue lie in one slot of a cluster, those of different queues in different ones. */
const hashTag = (prefix: string, name: string): string => `{${prefix}:${name}}`;

/** BullMQ closes the ones it makes, but not while Redis is away: then they would try again for ever. */
function keepDuplicates(client: Redis, kept: Redis[]): void {
  const duplicate = client.duplicate.bind(client);
  client.duplicate = (override) => {
    const copy = duplicate(override);
    kept.push(copy);
    return copy;
  };
}
