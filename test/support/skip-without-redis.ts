/** Setup of the project `redis`: without a Redis its tests are skipped with the reason. */
import { beforeEach, inject } from 'vitest';
import { whyNoRedis } from './servers/redis.ts';

beforeEach((context) => {
  if (inject('redisServer') === null) context.skip(whyNoRedis ?? 'no Redis');
});
