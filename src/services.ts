/** The composition root: makes everything a process needs, in order, and closes it in reverse. */
import { join } from 'node:path';
import { type Clock, systemClock } from './clock.ts';
import { type Config, SettingError } from './config.ts';
import type { Payload } from './contracts/contract.ts';
import { expenseEvents } from './contracts/index.ts';
import { Database } from './db/database.ts';
import { joinEmbeddedPostgres } from './db/embedded/join.ts';
import { Inbox } from './db/inbox.ts';
import { agreeOnClock } from './db/queries/agree-on-clock.ts';
import type { DeliveryChannel } from './delivery/channel.ts';
import { Feed } from './delivery/feed.ts';
import { inAppChannel } from './delivery/in-app.ts';
import type { Channel } from './domain/rule.ts';
import { Tokens } from './http/tokens.ts';
import { createLog, type Log } from './log.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { assertMigrated, migrate } from './migrate.ts';
import type { QueueBackend } from './queue/backend.ts';
import { postgresBackend } from './queue/postgres.ts';
import { Queues } from './queue/queues.ts';

export type Services = {
  config: Config;
  log: Log;
  clock: Clock;
  db: Database;
  queues: Queues;
  backend: QueueBackend;
  metrics: Metrics;
  inbox: Inbox;
  tokens: Tokens;
  feed: Feed;
  channels: ReadonlyMap<Channel, DeliveryChannel>;
  close(): Promise<void>;
};

/**
 * With no DATABASE_URL, joins the embedded PostgreSQL of the data folder and brings it up to date; a
 * database of somebody's own is refused where migrations are pending.
 */
export async function openServices(
  config: Config,
  overrides: { clock?: Clock; log?: Log } = {},
): Promise<Services> {
  await using opened = new AsyncDisposableStack();
  const log = overrides.log ?? createLog(config.logLevel);
  const url = await openDatabase(config, log, opened);
  const db = opened.adopt(await Database.open({ url, log }), (db) => db.close());
  const clock = overrides.clock ?? systemClock(await clockOffset(db, config));
  const backend = opened.adopt(
    postgresBackend(url, (err) => log.error({ err }, 'queue store')),
    (backend) => backend.close(),
  );
  const queues = opened.adopt(new Queues(backend, log), (queues) => queues.close());
  const onStored = (stored: Payload<typeof expenseEvents>) => queues.ring(expenseEvents, [stored]);
  const inbox = opened.adopt(new Inbox({ db, clock, onStored }), (inbox) => inbox.close());
  const tokens = await Tokens.open(config.jwt, join(config.dataDir, 'jwt-secret'));
  const feed = new Feed();
  const channels = new Map([inAppChannel(feed)].map((channel) => [channel.channel, channel]));
  const metrics = createMetrics();
  const closing = opened.move();
  const close = () => closing.disposeAsync();
  return { config, log, clock, db, queues, backend, metrics, inbox, tokens, feed, channels, close };
}

/** Milliseconds. In production a database that was given another clock, for a demonstration, is refused. */
async function clockOffset(db: Database, config: Config): Promise<number> {
  const offsetMs = await agreeOnClock(db.sql, config.clockStart);
  if (config.isProduction && offsetMs !== 0)
    throw new SettingError(
      'setting NODE_ENV: this database was started with CLOCK_START before, so its clock is not the real one. Use another database in production.',
    );
  return offsetMs;
}

async function openDatabase(config: Config, log: Log, opened: AsyncDisposableStack): Promise<string> {
  if (config.databaseUrl) {
    await assertMigrated(config.databaseUrl);
    return config.databaseUrl;
  }
  const { url, release } = await joinEmbeddedPostgres({ dataDir: config.dataDir, log });
  opened.defer(release);
  await migrate(url);
  return url;
}
