/** Chooses the store of the queues. */
import type { Log } from '../log.ts';
import type { Redis } from '../redis.ts';
import type { QueueBackend } from './backend.ts';
import { postgresBackend } from './postgres.ts';
import { redisBackend } from './redis.ts';

export type Stores = {
  database: { url: string; role: string };
  /** Null: the queues are on PostgreSQL. */
  redis: { url: string; client: Redis } | null;
};

/** The first part of the keys of every process that shares the queues. */
export const queuePrefix = 'spendwatch';

/** `prefix` separates this service's keys from another's on the same Redis. */
export const openBackend = ({ database, redis }: Stores, log: Log, prefix = queuePrefix): QueueBackend =>
  redis
    ? redisBackend({ ...redis, log, prefix })
    : postgresBackend(database.url, database.role, (err) => log.error({ err }, 'queue store'));
