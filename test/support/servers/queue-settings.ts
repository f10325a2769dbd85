/** Queue settings for the processes that a test starts, by the project of vitest.config.ts. */
import { afterAll, beforeEach } from 'vitest';
import { PrivateRedis, whyNoServer } from './redis.ts';

export const isOnRedis = process.env['TEST_QUEUES'] === 'redis';

/** The reason why the project's queue store is missing; null if it is there. */
export const whyNoQueues = isOnRedis ? whyNoServer : null;

/**
 * Settings for the processes of a test file, called at its top. The file gets a Redis of its own until its last test,
 * because the keys of the queues are the same for all processes.
 */
export async function queuesOfFile(): Promise<Record<string, string>> {
  if (!isOnRedis) return {};
  if (whyNoQueues !== null) {
    beforeEach((context) => context.skip(whyNoQueues));
    return {};
  }
  const redis = await PrivateRedis.start();
  afterAll(() => redis.kill());
  return { REDIS_URL: redis.url };
}
