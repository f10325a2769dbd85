/** The dependencies of the HTTP layer. The types are structural, so that it knows only the parts it uses. */
import type { HashPerson } from '../accounts/person-hash.ts';
import type { Caches } from '../runtime/cache/caches.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Config } from '../runtime/config/config.ts';
import type { Database } from '../runtime/database/database.ts';
import type { IngestResult } from '../ingest/sql/store-events.ts';
import type { IncomingEvent } from '../ingest/decide/event.ts';
import type { Log } from '../runtime/log.ts';
import type { Metrics } from '../runtime/metrics.ts';
import type { Queues } from '../runtime/queues/enqueue.ts';
import type { RateLimits } from './rate-limits.ts';
import type { Tokens } from './auth/tokens.ts';

export type HttpDependencies = {
  config: Config;
  log: Log;
  clock: Clock;
  db: Database;
  /** Connections that only ingest takes, and whoever finds out who posts. */
  ingestDb: Database;
  queues: Queues;
  metrics: Metrics;
  inbox: {
    assertRoom(tenantId: string): void;
    accept(events: readonly IncomingEvent[]): Promise<IngestResult[]>;
  };
  /** Says why scheduled jobs do not run; null if they do. */
  whyJobsRest: () => Promise<string | null>;
  tokens: Tokens;
  hashPerson: HashPerson;
  limits: RateLimits;
  /** Null if caching is off. */
  caches: Caches | null;
};
