/** The tenant, people and events of the benchmarks. */
import { randomUUIDv7 } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { joinEmbeddedPostgres } from '../../src/runtime/database/embedded/join.ts';
import { migrate } from '../../src/runtime/migrate.ts';
import { Database } from '../../src/runtime/database/database.ts';
import { createApiKey } from '../../src/accounts/api-keys.ts';
import { createTenant } from '../../src/accounts/tenants.ts';
import { createLog } from '../../src/runtime/log.ts';

/** The number of people, `u0` … `u1999`. Each has a rule in every category, if a benchmark makes no more. */
export const people = 2000;
export const categories = [
  'groceries',
  'rent',
  'travel',
  'dining',
  'health',
  'clothes',
  'leisure',
  'other',
] as const;

export type BenchDatabase = { dataDir: string; url: string; serviceUrl: string; client: Client };

/** Starts an embedded PostgreSQL in a folder of its own, with the tables of the service. It ends with `stack`. */
export async function openDatabase(stack: AsyncDisposableStack): Promise<BenchDatabase> {
  const dataDir = await mkdtemp(join(tmpdir(), 'spendwatch-bench-'));
  stack.defer(() => rm(dataDir, { recursive: true, force: true }));
  const { url, serviceUrl } = stack.adopt(await joinEmbeddedPostgres({ dataDir }), (server) =>
    server.release(),
  );
  await migrate(url, serviceUrl);
  const client = new Client({ connectionString: url });
  await client.connect();
  stack.defer(() => client.end());
  return { dataDir, url, serviceUrl, client };
}

/** The settings with which processes use the database. BENCH_REDIS_URL in the environment puts queues on Redis. */
export const settingsOf = ({ dataDir, serviceUrl }: BenchDatabase): Record<string, string> => ({
  DATABASE_URL: serviceUrl,
  DATA_DIR: dataDir,
  PORT: '0',
  ...(process.env['BENCH_REDIS_URL'] ? { REDIS_URL: process.env['BENCH_REDIS_URL'] } : {}),
});

let made = 0;
let spreadOver: number = people;

/** The events made from now on are of `u0` … up to this number of people. */
export function spreadEventsOver(number: number): void {
  spreadOver = number;
}

/** A new expense, spread over people and their categories. */
function makeEvent() {
  const number = (made += 1);
  const now = new Date().toISOString();
  return {
    id: `evt-${number}`,
    type: 'expense.created',
    time: now,
    data: {
      expenseId: `exp-${number}`,
      userId: `u${(number * 7919) % spreadOver}`,
      categoryId: categories[Math.floor(number / spreadOver) % categories.length],
      merchant: 'CORNER MARKET #1023',
      amount: '1.00',
      currency: 'USD',
      spentAt: now,
    },
  };
}

/** The body of a request with one event. */
export const eventBody = (): string => JSON.stringify(makeEvent());

/** The body of a request with an array of events. */
export const arrayBody = (length: number) => (): string => JSON.stringify(Array.from({ length }, makeEvent));

export async function makeTenant(
  url: string,
): Promise<{ tenantId: string; apiKey: string; adminKey: string }> {
  const db = await Database.open({ url, log: createLog('warn') });
  try {
    const draft = { name: 'Bench', timezone: 'UTC', currency: 'USD', benchmarks: 'opt-out' as const };
    const now = Temporal.Now.instant();
    const { tenantId, apiKey } = await createTenant(db, draft, now);
    const admin = await db.transaction([tenantId], (sql) => createApiKey(sql, tenantId, 'admin', now));
    return { tenantId, apiKey, adminKey: admin?.apiKey ?? '' };
  } finally {
    await db.close();
  }
}

/** Resolves when no batch waits to be evaluated. */
export async function drained(client: Client): Promise<void> {
  for (;;) {
    const { rows } = await client.query('select 1 from event_batches where applied_at is null limit 1');
    if (rows.length === 0) return;
    await delay(20);
  }
}

/** Resolves when no scheduled job runs. A clock that starts for the first time makes up for the nightly ones. */
export async function jobsEnded(client: Client): Promise<void> {
  for (;;) {
    const { rows } = await client.query(
      `select 1 from job_runs where status in ('queued', 'running') limit 1`,
    );
    if (rows.length === 0) return;
    await delay(200);
  }
}

/**
 * Inserts people with a monthly rule in each category, its period of this month already measured. Returns the ids of
 * the rules of `u0` … in order of people, then of categories.
 */
export async function makeRules(client: Client, tenantId: string, count: number = people): Promise<string[]> {
  const ids = Array.from({ length: count * categories.length }, () => randomUUIDv7());
  await client.query(
    `insert into users (tenant_id, id, registered_at)
     select $1, 'u' || number, now() from generate_series(0, $2::int - 1) number`,
    [tenantId, count],
  );
  await client.query(
    `insert into smart_alert_rules (tenant_id, id, user_id, name, category_id, budget_minor, currency, period,
       thresholds, channels, max_notifications_per_day, cooldown_minutes, notifications_enabled,
       notify_on_recovery, is_active, next_period_at, created_at, updated_at)
     select $1, id, 'u' || (number - 1) / $4::int, 'Spending', ($3::text[])[1 + (number - 1) % $4::int],
       100000 + 700 * ((number - 1) / $4::int), 'USD', 'monthly',
       '[{"percent":80,"severity":"info"},{"percent":100,"severity":"danger"}]', '["in-app"]', 3, 60, true,
       false, true, date_trunc('month', now()) + interval '1 month', now(), now()
     from unnest($2::uuid[]) with ordinality as given (id, number)`,
    [tenantId, ids, categories, categories.length],
  );
  await client.query(
    `insert into rule_spend (tenant_id, rule_id, period_start, period_end, spent_minor, guard_low, guard_high)
     select tenant_id, id, date_trunc('month', now())::date, (date_trunc('month', now()) + interval '1 month')::date,
       0, '-Infinity', budget_minor * 80 / 100
     from smart_alert_rules`,
  );
  await client.query('vacuum analyze');
  return ids;
}

/**
 * Makes a tenth of the rules of `makeRules` rules of other scopes and periods, a fifth of them each: groups, all spending but
 * two categories, fortnights, single periods, and budgets that carry over.
 */
export async function mixRules(client: Client): Promise<void> {
  await client.query(
    `with numbered as (
       select tenant_id, id, row_number() over (order by id) % 50 as number from smart_alert_rules
     )
     update smart_alert_rules r
     set category_id = case when number > 10 then category_id end,
       category_ids = case number when 0 then array[category_id, ($1::text[])[1]] end,
       exclude_categories = case number when 10 then ($1::text[])[1:2] end,
       budget_minor = case when number <= 10 then budget_minor * 6 else budget_minor end,
       period = case number when 20 then 'rrule' when 30 then 'once' else 'monthly' end,
       period_rrule = case number when 20 then 'FREQ=WEEKLY;INTERVAL=2' end,
       period_start = case when number in (20, 30) then date_trunc('week', now())::date end,
       period_end = case number when 30 then date_trunc('week', now())::date + 14 end,
       rollover = case number when 40 then 'unspent' else 'none' end,
       carries_from = date_trunc('month', now())::date
     from numbered n
     where n.tenant_id = r.tenant_id and n.id = r.id and number % 10 = 0`,
    [categories],
  );
  await client.query(
    `update rule_spend k
     set period_start = coalesce(r.period_start, k.period_start),
       period_end = case when r.period_start is null then k.period_end else r.period_start + 14 end,
       guard_high = r.budget_minor * 80 / 100
     from smart_alert_rules r
     where r.tenant_id = k.tenant_id and r.id = k.rule_id`,
  );
  await client.query('vacuum analyze');
}

/**
 * Inserts expenses of 1.00 over the last two years, spread over people and their categories, with their daily totals and
 * the spending of each rule's month.
 */
export async function makeExpenses(
  client: Client,
  tenantId: string,
  stored: { expenses: number; people: number },
): Promise<void> {
  await client.query(
    `insert into expenses (tenant_id, id, event_time, event_id, event_source, user_id, category_id, merchant,
       amount_minor, currency, spent_at, day)
     select $1, 'old-' || number, at, 'old-' || number, 'api', 'u' || (number::bigint * 7919) % $3::int,
       ($4::text[])[1 + number / $3::int % $5::int], 'SHOP ' || number % 50, 100, 'USD', at,
       (at at time zone 'UTC')::date
     from generate_series(1, $2::int) number,
       lateral (select now() - number % 733 * interval '1 day' - interval '1 minute' as at) t`,
    [tenantId, stored.expenses, stored.people, categories, categories.length],
  );
  await client.query(
    `insert into daily_spend (tenant_id, user_id, day, category_id, currency, amount_minor, expense_count)
     select tenant_id, user_id, day, category_id, currency, sum(amount_minor), count(*)
     from expenses group by tenant_id, user_id, day, category_id, currency`,
  );
  await client.query(
    `update rule_spend k set spent_minor = s.spent
     from (
       select r.tenant_id, r.id, sum(d.amount_minor) as spent
       from smart_alert_rules r join daily_spend d using (tenant_id, user_id, category_id)
       where d.day >= date_trunc('month', now()) group by 1, 2
     ) s
     where k.tenant_id = s.tenant_id and k.rule_id = s.id`,
  );
}
