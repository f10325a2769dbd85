/** The composition root: opens everything that a process needs, in order, and closes it in reverse order. */
import { join } from 'node:path';
import { type Clock, systemClock } from './runtime/clock.ts';
import { type Config, SettingError } from './runtime/config/config.ts';
import type { Contract, Payload } from './runtime/queues/contract.ts';
import { contracts } from './queue-contracts.ts';
import { serviceRole } from './runtime/database/admit-service.ts';
import { Database } from './runtime/database/database.ts';
import { joinEmbeddedPostgres } from './runtime/database/embedded/join.ts';
import { Inbox } from './ingest/inbox.ts';
import type { ChannelSetup } from './notify/sql/write-plans.ts';
import { agreeOnClock } from './runtime/database/agree-on-clock.ts';
import { announceNotification } from './deliver/channels/in-app/announce-notification.ts';
import { deletePushSubscription } from './deliver/channels/push/delete-push-subscription.ts';
import { readRole } from './runtime/database/read-role.ts';
import type { DeliveryChannel } from './deliver/channels/channel.ts';
import { externalChannels, type Forget } from './deliver/channels/external-channels.ts';
import { Feed } from './deliver/channels/in-app/feed.ts';
import { inAppChannel } from './deliver/channels/in-app/in-app.ts';
import { createRenderer } from './notify/messages/render.ts';
import { linkUrlOf } from './runtime/config/link-url.ts';
import { readTokenSecret, Tokens } from './http/auth/tokens.ts';
import { type HashPerson, openPersonHash } from './accounts/person-hash.ts';
import { lockTimeoutMs } from './http/deadline.ts';
import { createLog, type Log } from './runtime/log.ts';
import { createMetrics, type Metrics } from './runtime/metrics.ts';
import { migrate, waitForMigrations } from './runtime/migrate.ts';
import type { QueueBackend } from './runtime/queues/backend.ts';
import { openBackend } from './runtime/queues/open-backend.ts';
import { Queues } from './runtime/queues/enqueue.ts';
import { openRedis, type Redis, waitUntilReady } from './runtime/redis.ts';
import type { Channel } from './values/channels.ts';
import { expenseEvents } from './alerts/queue.ts';

/**
 * Connections of a process to PostgreSQL, at most. Ingest has its own, so that nothing that waits for a lock keeps an
 * event from being stored: two for the commits, and one to look up keys and webhooks.
 */
const connections = { ingest: 3, others: 7 } as const;

/** A start waits at most this long for Redis. */
const redisWaitMs = 2_000;

export type Services = {
  config: Config;
  log: Log;
  clock: Clock;
  db: Database;
  /** The connections of `db`, for requests: they do not wait long for a lock. */
  requestDb: Database;
  /** For ingest and for finding out who posts. It opens its connections with the first event. */
  ingestDb: Database;
  /** A connection for callers that must never wait. Null without REDIS_URL. */
  redis: Redis | null;
  queues: Queues;
  backend: QueueBackend;
  metrics: Metrics;
  inbox: Inbox;
  tokens: Tokens;
  hashPerson: HashPerson;
  feed: Feed;
  channels: ReadonlyMap<Channel, DeliveryChannel>;
  channelSetup: ChannelSetup;
  close(): Promise<void>;
};

/**
 * Without DATABASE_URL, joins the embedded PostgreSQL of the data folder and migrates it. Any other database is not
 * migrated: it is refused if migrations are pending for longer than `patienceMs`.
 */
export async function openServices(
  config: Config,
  overrides: { clock?: Clock; log?: Log; patienceMs?: number; queuePrefix?: string } = {},
): Promise<Services> {
  await using opened = new AsyncDisposableStack();
  const log = overrides.log ?? createLog(config.logLevel);
  const url = await openDatabase(config, log, opened, overrides.patienceMs ?? 0);
  const openConnections = async (poolSize: number) =>
    opened.adopt(await Database.open({ url, log, poolSize }), (db) => db.close());
  const db = await openConnections(connections.others);
  const ingestDb = (await openConnections(connections.ingest)).withLockTimeout(lockTimeoutMs);
  await assertUnprivileged(db);
  const clock = overrides.clock ?? systemClock(await clockOffset(db, config));
  const redis = await openRedisOf(config, log, opened);
  const backend = opened.adopt(
    openBackend({ database: { url, role: serviceRole }, redis }, log, overrides.queuePrefix),
    (backend) => backend.close(),
  );
  const queues = opened.adopt(new Queues(backend, Object.values<Contract>(contracts), log), (queues) =>
    queues.close(),
  );
  const onStored = (stored: Payload<typeof expenseEvents>) => queues.enqueue(expenseEvents, [stored]);
  const inbox = opened.adopt(new Inbox({ db: ingestDb, clock, onStored }), (inbox) => inbox.close());
  const { tokens, hashPerson } = await openCredentials(db, config);
  const feed = new Feed();
  const inApp = inAppChannel({ announce: (notification) => announceNotification(db, notification), feed });
  const metrics = createMetrics();
  const forget: Forget = ({ tenantId, userId }, id) =>
    db.transaction([tenantId], (sql) => deletePushSubscription(sql, { tenantId, userId }, id));
  const external = externalChannels(config, { log, metrics, forget });
  for (const channel of external) opened.defer(() => channel.close?.());
  const channels = new Map([inApp, ...external].map((channel) => [channel.channel, channel]));
  const channelSetup = {
    configured: new Set(channels.keys()),
    monthlyLimits: config.monthlyLimits,
    groupWaitSeconds: config.groupWaitSeconds,
    render: createRenderer(linkUrlOf(config)),
  };
  const closing = opened.move();
  const close = () => closing.disposeAsync();
  return {
    config,
    log,
    clock,
    db,
    requestDb: db.withLockTimeout(lockTimeoutMs),
    ingestDb,
    redis: redis?.client ?? null,
    queues,
    backend,
    metrics,
    inbox,
    tokens,
    hashPerson,
    feed,
    channels,
    channelSetup,
    close,
  };
}

async function openCredentials(
  db: Database,
  { jwt, dataDir }: Config,
): Promise<{ tokens: Tokens; hashPerson: HashPerson }> {
  const secretFile = join(dataDir, 'jwt-secret');
  const tokens = await Tokens.open(jwt, secretFile);
  const secret = jwt.kind === 'jwks' ? null : await readTokenSecret(jwt, secretFile);
  const hashPerson = await openPersonHash(db.sql, secret);
  return { tokens, hashPerson };
}

/** The service starts even if Redis is down. It accepts events, and the sweep enqueues them once Redis is back. */
async function openRedisOf(
  { redisUrl, isProduction }: Config,
  log: Log,
  opened: AsyncDisposableStack,
): Promise<{ url: string; client: Redis } | null> {
  if (!redisUrl) {
    if (isProduction) log.warn('without REDIS_URL the queues are on PostgreSQL too, which carries less');
    return null;
  }
  const client = opened.adopt(openRedis(redisUrl, 'caller', { name: 'caller', log }), (redis) =>
    redis.disconnect(),
  );
  await waitUntilReady(client, redisWaitMs);
  return { url: redisUrl, client };
}

/** A pooler may drop a connection's start-up parameters, and with them the role. */
async function assertUnprivileged(db: Database): Promise<void> {
  const { name, isPrivileged } = await readRole(db.sql);
  if (isPrivileged)
    throw new SettingError(
      `setting DATABASE_URL: acts as ${name}, for whom tenants are not kept apart. Connect as a role that owns no table, or let the pooler pass on the start-up parameter "options".`,
    );
}

/** Returns milliseconds. In production a database that a demonstration started with another clock is refused. */
async function clockOffset(db: Database, config: Config): Promise<number> {
  const offsetMs = await agreeOnClock(db.sql, config.clockStart);
  if (config.isProduction && offsetMs !== 0)
    throw new SettingError(
      'setting NODE_ENV: this database was started with CLOCK_START before, so its clock is not the real one. Use another database in production.',
    );
  return offsetMs;
}

async function openDatabase(
  config: Config,
  log: Log,
  opened: AsyncDisposableStack,
  patienceMs: number,
): Promise<string> {
  if (config.databaseUrl) {
    await waitForMigrations(config.databaseUrl, patienceMs, log);
    return config.databaseUrl;
  }
  const { url, serviceUrl, release } = await joinEmbeddedPostgres({ dataDir: config.dataDir, log });
  opened.defer(release);
  await migrate(url, serviceUrl);
  return serviceUrl;
}
