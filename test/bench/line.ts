/**
 * The whole line: one event a request over HTTP, until its spending is kept and its alerts are decided.
 * Web and worker are processes of their own on an embedded PostgreSQL with durable settings.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { randomUUIDv7 } from 'node:crypto';
import { Client } from 'pg';
import { joinEmbeddedPostgres } from '../../src/db/embedded/join.ts';
import { migrate } from '../../src/migrate.ts';
import { createTenant } from '../../src/db/queries/create-tenant.ts';
import { Database } from '../../src/db/database.ts';
import { createLog } from '../../src/log.ts';
import { load } from './load.ts';
import type { BenchResult } from './main.ts';
import { sqlLoop } from './sql-loop.ts';

const people = 16_000;
const seconds = 10;

export async function benchLine(): Promise<BenchResult> {
  await using stack = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(tmpdir(), 'spendwatch-bench-'));
  stack.defer(() => rm(dataDir, { recursive: true, force: true }));
  const server = stack.adopt(await joinEmbeddedPostgres({ dataDir }), (server) => server.release());
  await migrate(server.url);
  const client = new Client({ connectionString: server.url });
  await client.connect();
  stack.defer(() => client.end());
  const tenant = await makeTenant(server.url);
  const ruleIds = await makeRules(client, tenant.tenantId);

  const empty = await withProcess(['test/bench/empty-route.ts'], {}, (url) =>
    load({ url: `${url}/`, seconds, body: eventBody }),
  );
  const sqlPerSecond = await sqlLoop(server.url, tenant.tenantId, ruleIds, seconds);
  const env = { DATABASE_URL: server.url, DATA_DIR: dataDir, PORT: '0', LOG_LEVEL: 'info' };
  await using _worker = await startProcess(['src/main.ts', 'worker'], env);
  const line = await withProcess(['src/main.ts', 'web'], env, async (url) => {
    const headers = { authorization: `Bearer ${tenant.apiKey}` };
    await load({ url: `${url}/api/events`, seconds: 2, headers, body: eventBody });
    await drained(client);
    const began = performance.now();
    const result = await load({ url: `${url}/api/events`, seconds, headers, body: eventBody });
    await drained(client);
    return { ...result, eventsPerSecond: result.accepted / ((performance.now() - began) / 1000) };
  });
  if (line.refused > 0) throw new Error(`${line.refused} requests were refused`);
  return {
    name: 'line',
    figures: {
      'empty Fastify route': { value: empty.requestsPerSecond, unit: 'requests/s' },
      'bare SQL loop': { value: sqlPerSecond, unit: 'events/s' },
      'ingest, durable': { value: line.requestsPerSecond, unit: 'events/s' },
      'line, from HTTP to evaluated': { value: line.eventsPerSecond, unit: 'events/s' },
      'time to the 202, median': { value: line.p50Ms, unit: 'ms' },
      'time to the 202, 99th percentile': { value: line.p99Ms, unit: 'ms' },
    },
    ratios: {
      'line / empty route': line.eventsPerSecond / empty.requestsPerSecond,
      'line / bare SQL loop': line.eventsPerSecond / sqlPerSecond,
    },
  };
}

let made = 0;

function eventBody(): string {
  const number = (made += 1);
  const now = new Date().toISOString();
  return JSON.stringify({
    id: `evt-${number}`,
    type: 'expense.created',
    time: now,
    data: {
      expenseId: `exp-${number}`,
      userId: `u${(number * 7919) % people}`,
      categoryId: 'groceries',
      merchant: 'CORNER MARKET #1023',
      amount: '1.00',
      currency: 'USD',
      spentAt: now,
    },
  });
}

async function makeTenant(url: string): Promise<{ tenantId: string; apiKey: string }> {
  const db = await Database.open({ url, log: createLog('warn') });
  try {
    const draft = { name: 'Bench', timezone: 'UTC', currency: 'USD', benchmarks: 'opt-out' as const };
    return await createTenant(db, draft, Temporal.Now.instant());
  } finally {
    await db.close();
  }
}

/** A person and a monthly rule each, and where the month stands. */
async function makeRules(client: Client, tenantId: string): Promise<string[]> {
  const ids = Array.from({ length: people }, () => randomUUIDv7());
  await client.query(
    `insert into users (tenant_id, id, registered_at)
     select $1, 'u' || number, now() from generate_series(0, $2::int - 1) number`,
    [tenantId, people],
  );
  await client.query(
    `insert into smart_alert_rules (tenant_id, id, user_id, name, budget_minor, currency, period, thresholds,
       channels, max_notifications_per_day, cooldown_minutes, notifications_enabled, notify_on_recovery,
       is_active, next_period_at, created_at, updated_at)
     select $1, id, 'u' || (number - 1), 'All spending', 100000, 'USD', 'monthly',
       '[{"percent":80,"severity":"info"},{"percent":100,"severity":"danger"}]', '["in-app"]', 3, 60, true,
       false, true, date_trunc('month', now()) + interval '1 month', now(), now()
     from unnest($2::uuid[]) with ordinality as given (id, number)`,
    [tenantId, ids],
  );
  await client.query(
    `insert into rule_spend (tenant_id, rule_id, period_start, period_end, spent_minor)
     select $1, id, date_trunc('month', now())::date, (date_trunc('month', now()) + interval '1 month')::date, 0
     from unnest($2::uuid[]) as given (id)`,
    [tenantId, ids],
  );
  await client.query('vacuum analyze');
  return ids;
}

/** Resolves when no batch waits to be evaluated. */
async function drained(client: Client): Promise<void> {
  for (;;) {
    const { rows } = await client.query('select 1 from event_batches where applied_at is null limit 1');
    if (rows.length === 0) return;
    await delay(20);
  }
}

/** Runs a program that logs its `url`, for as long as `work` takes. */
async function withProcess<T>(
  args: readonly string[],
  env: Record<string, string>,
  work: (url: string) => Promise<T>,
): Promise<T> {
  await using program = await startProcess(args, env);
  if (!program.url) throw new Error('the program started without telling its url');
  return await work(program.url);
}

/** A program that logs a line with `url`, null where it serves nothing, once it is ready; ended with its scope. */
async function startProcess(
  args: readonly string[],
  env: Record<string, string>,
): Promise<AsyncDisposable & { url: string | null }> {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  return { url: await urlOf(child.stdout), [Symbol.asyncDispose]: stop };
}

async function urlOf(output: NodeJS.ReadableStream): Promise<string | null> {
  for await (const line of createInterface({ input: output })) {
    const { url } = JSON.parse(line) as { url?: string | null };
    if (url !== undefined) {
      output.resume();
      return url;
    }
  }
  throw new Error('the program ended before it was ready');
}
