/** What the HTTP layer is handed by the composition root; structural, so that it knows no more than it uses. */
import type { Caches } from '../cache/caches.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Database } from '../db/database.ts';
import type { Taken } from '../db/inbox.ts';
import type { Feed } from '../delivery/feed.ts';
import type { IncomingEvent } from '../domain/event.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { Queues } from '../queue/queues.ts';
import type { RateLimits } from './rate-limits.ts';
import type { Tokens } from './tokens.ts';

export type HttpDependencies = {
  config: Config;
  log: Log;
  clock: Clock;
  db: Database;
  queues: Queues;
  metrics: Metrics;
  inbox: { accept(events: readonly IncomingEvent[]): Promise<Taken[]> };
  tokens: Tokens;
  limits: RateLimits;
  feed: Feed;
  /** Null where nothing may be cached. */
  caches: Caches | null;
};
