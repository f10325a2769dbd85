/** Set up before the files of the project `redis`: without one their tests are skipped, and say why. */
import { beforeEach, inject } from 'vitest';
import { whyNoRedis } from './servers/redis.ts';

beforeEach((context) => {
  if (inject('redisServer') === null) context.skip(whyNoRedis ?? 'no Redis');
});
