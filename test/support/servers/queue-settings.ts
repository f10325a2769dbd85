/** Where the processes that a test starts have their queues: as the project of vitest.config.ts says. */
import { afterAll, beforeEach } from 'vitest';
import { PrivateRedis, whyNoServer } from './redis.ts';

export const isOnRedis = process.env['TEST_QUEUES'] === 'redis';

/** Null where they can be where the project says. */
export const whyNoQueues = isOnRedis ? whyNoServer : null;

/**
 * For a file that asks at its top: the settings of its processes. A Redis is the file's own, as processes have
 * their queues under the same keys everywhere, and gone after its tests.
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
