/** The service in this process: on a port, with a database of its own and a clock that the test steps. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DestinationStream, pino } from 'pino';
import { expect, inject, vi } from 'vitest';
import { type Clock, SteppedClock } from '../../../src/runtime/clock.ts';
import { readConfig } from '../../../src/runtime/config/config.ts';
import { createApiKey } from '../../../src/accounts/api-keys.ts';
import { createLog } from '../../../src/runtime/log.ts';
import { createTenant } from '../../../src/accounts/tenants.ts';
import { type Role, start } from '../../../src/processes.ts';
import { openServices, type Services } from '../../../src/services.ts';
import type { Sql } from '../../../src/runtime/database/database.ts';
import { type FreshDatabase, freshDatabase, openOwner } from './database.ts';
import { testPrefix } from './redis.ts';

/** `body`: parsed if it is JSON, else the text. */
export type Answer = { status: number; body: ReturnType<typeof JSON.parse>; headers: Headers };
type TenantChoices = { timezone?: string; currency?: string; confirmAddresses?: boolean };
export type TestTenant = { tenantId: string; apiKey: string; adminKey: string };

export type TestService = {
  url: string;
  databaseUrl: string;
  /** A connection of the tables' owner, who sees the rows of every tenant. */
  sql: Sql;
  services: Services;
  /** The given clock, or else one that stands at `startsAt` until stepped. */
  clock: SteppedClock;
  tenant: TestTenant;
  /** Creates another tenant. */
  anotherTenant(draft?: TenantChoices): Promise<TestTenant>;
  get(path: string, credential?: string): Promise<Answer>;
  post(path: string, body: unknown, credential?: string): Promise<Answer>;
  put(path: string, body: unknown, credential?: string): Promise<Answer>;
  delete(path: string, credential?: string): Promise<Answer>;
  /** Signs a token for a person of the first tenant or of `tenantId`. */
  token(userId: string, options?: { role?: 'member' | 'admin'; tenantId?: string }): Promise<string>;
  /** Resolves when every accepted event is applied and no notification or delivery is pending. */
  settled(): Promise<void>;
  stop(): Promise<void>;
};

export const startsAt = '2026-11-10T12:00:00Z';

export type TestServiceOptions = {
  clock?: SteppedClock;
  roles?: readonly Role[];
  env?: Record<string, string>;
  /** An existing database, which stays on stop. Without it, a fresh one is made and dropped on stop. */
  databaseUrl?: string;
  /** A Redis for the queues, in either project of the run. */
  redisUrl?: string;
  /** The same prefix as another service's shares its queues; without it the service has queues of its own. */
  queuePrefix?: string;
  /** Where the log goes; without it, nowhere unless `TEST_LOG_LEVEL` is set. */
  log?: DestinationStream;
};

export async function startService(options: TestServiceOptions = {}): Promise<TestService> {
  const database = options.databaseUrl ? await joinDatabase(options.databaseUrl) : await freshDatabase();
  const { url: databaseUrl, sql } = database;
  const dataDir = await mkdtemp(join(tmpdir(), 'spendwatch-data-'));
  const clock = options.clock ?? new SteppedClock(startsAt);
  const redisUrl = options.redisUrl ?? redisOfRun();
  const config = readConfig({
    DATABASE_URL: databaseUrl,
    DATA_DIR: dataDir,
    PORT: '0',
    LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent',
    ...(redisUrl === null ? {} : { REDIS_URL: redisUrl }),
    // Most tests expect an alert at once. Those of one evaluation are together even so.
    GROUP_WAIT_SECONDS: '0',
    OPERATOR_USER: 'operator',
    OPERATOR_PASSWORD: 'operator-password',
    ...options.env,
  });
  const log = options.log ? createLog('trace', options.log) : pino({ level: config.logLevel });
  const services = await openServices(config, {
    clock: clock satisfies Clock,
    log,
    queuePrefix: options.queuePrefix ?? testPrefix(),
  });
  const running = await start(services, options.roles ?? ['web', 'worker']);
  const url = running.url ?? '';
  const tenant = await makeTenant(services, {});
  return {
    url,
    databaseUrl,
    sql,
    services,
    clock,
    tenant,
    anotherTenant: (draft = {}) => makeTenant(services, draft),
    get: (path, credential) => call(url, 'GET', path, undefined, credential),
    post: (path, body, credential) => call(url, 'POST', path, body, credential ?? tenant.apiKey),
    put: (path, body, credential) => call(url, 'PUT', path, body, credential),
    delete: (path, credential) => call(url, 'DELETE', path, undefined, credential),
    token: (userId, { role = 'member', tenantId = tenant.tenantId } = {}) =>
      sign(services, { userId, role, tenantId }),
    settled: () => settled(sql),
    stop: async () => {
      await running.stop();
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** The run's Redis in the project `redis` of vitest.config.ts, else null. */
const redisOfRun = (): string | null =>
  process.env['TEST_QUEUES'] === 'redis' ? inject('redisServer') : null;

/** Opens a database that others use too; `drop` only closes the connection. */
async function joinDatabase(url: string): Promise<FreshDatabase> {
  const owner = await openOwner(url);
  return { url, sql: owner.sql, drop: () => owner.close() };
}

async function makeTenant(
  { db, clock }: Services,
  { timezone = 'UTC', currency = 'USD', confirmAddresses = false }: TenantChoices,
): Promise<TestTenant> {
  const draft = { name: 'Test', timezone, currency, benchmarks: 'opt-out' as const, confirmAddresses };
  const { tenantId, apiKey } = await createTenant(db, draft, clock.now());
  const admin = await db.transaction([tenantId], (sql) => createApiKey(sql, tenantId, 'admin', clock.now()));
  return { tenantId, apiKey, adminKey: admin?.apiKey ?? '' };
}

async function sign(
  { tokens }: Services,
  claims: { userId: string; tenantId: string; role: 'member' | 'admin' },
): Promise<string> {
  const signed = await tokens.sign({ ...claims, ttlSeconds: 3600 });
  if (!signed) throw new Error('this service signs no tokens');
  return signed.token;
}

async function call(
  url: string,
  method: string,
  path: string,
  body: unknown,
  credential: string | undefined,
): Promise<Answer> {
  const headers: Record<string, string> = {};
  if (credential) headers['authorization'] = `Bearer ${credential}`;
  if (body !== undefined) headers['content-type'] = 'application/json';
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(url + path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: text }),
  });
  const answer = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  return {
    status: response.status,
    body: isJson && answer !== '' ? JSON.parse(answer) : answer,
    headers: response.headers,
  };
}

/** Waits in the order of the stages, so that no work of a later stage is missed by an early look. */
async function settled(sql: Sql): Promise<void> {
  const waitForNone = (find: () => Promise<unknown[]>) =>
    vi.waitFor(async () => expect(await find()).toEqual([]), { timeout: 60_000, interval: 10 });
  await waitForNone(() =>
    sql.selectFrom('event_batches').select('id').where('applied_at', 'is', null).limit(1).execute(),
  );
  await waitForNone(() =>
    sql.selectFrom('notification_history').select('id').where('status', '=', 'pending').limit(1).execute(),
  );
  await waitForNone(() =>
    sql
      .selectFrom('notification_deliveries')
      .select('id')
      .where('status', 'in', ['pending', 'sending'])
      .limit(1)
      .execute(),
  );
}
