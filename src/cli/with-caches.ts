/** Opens the caches that web processes share, for a command that deletes from them. */
import { Caches } from '../runtime/cache/caches.ts';
import type { Services } from '../services.ts';

const redisWaitMs = 2_000;

/** Does nothing without Redis: each web process then has its own, checks it on every read, and it ends by itself. */
export async function withCaches(services: Services, work: (caches: Caches) => Promise<void>): Promise<void> {
  const { redisUrl } = services.config;
  if (redisUrl === null) return;
  const caches = Caches.overRedis(redisUrl, services);
  try {
    await caches.ready(redisWaitMs);
    await work(caches);
  } finally {
    await caches.close();
  }
}
