/**
 * The whole way of an event: one event a request over HTTP, until its spending is stored and its alerts are decided.
 * Web and worker are processes of their own on an embedded PostgreSQL with durable settings.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUIDv7 } from 'node:crypto';
import { Client } from 'pg';
import { joinEmbeddedPostgres } from '../../src/runtime/database/embedded/join.ts';
import { migrate } from '../../src/runtime/migrate.ts';
import { load } from './load.ts';
import type { BenchResult } from './result.ts';
import { startProcess, withProcess } from './program.ts';
import { sqlLoop } from './sql-loop.ts';
import { drained, eventBody, makeTenant, people } from './world.ts';

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

/** Inserts people with a monthly rule each and its spending of this month. */
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
