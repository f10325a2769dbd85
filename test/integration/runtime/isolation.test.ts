/** Row-level security: a query sees only the rows of the tenants that its transaction names. */
import { sql as statement } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Database } from '../../../src/runtime/database/database.ts';
import { createApiKey } from '../../../src/accounts/api-keys.ts';
import { createRule } from '../../../src/alerts/rules/create-rule.ts';
import { createTenant } from '../../../src/accounts/tenants.ts';
import { readRole } from '../../../src/runtime/database/read-role.ts';
import { createLog } from '../../../src/runtime/log.ts';
import { draftOf, evaluate, start } from '../../support/worlds/alerts/batches.ts';
import { freshDatabase, type FreshDatabase } from '../../support/servers/database.ts';

let database: FreshDatabase;
let db: Database;
let one: string;
let other: string;
let tables: { name: string; column: string }[];

beforeAll(async () => {
  database = await freshDatabase();
  db = await Database.open({ url: database.url, log: createLog('silent'), poolSize: 4 });
  one = await fullTenant();
  other = await fullTenant();
  tables = await tenantTables();
});

afterAll(async () => {
  await db.close();
  await database.drop();
});

/** A tenant with a row in every table that can have one. */
async function fullTenant(): Promise<string> {
  const draft = { name: 'Test', timezone: 'UTC', currency: 'USD', benchmarks: 'opt-out' as const };
  const { tenantId } = await createTenant(db, draft, start);
  const food = { userId: 'p01', categoryId: 'food', amountMinor: 20_000n, currency: 'USD', spentAt: start };
  const event = (id: string) => ({ id: `evt-${id}`, time: start, expenseId: id, expense: food });
  await evaluate(db, tenantId, [event('a')]);
  await createRule(db, { tenantId, userId: 'p01' }, draftOf({}), start);
  await evaluate(db, tenantId, [event('b')]);
  await db.transaction([tenantId], (sql) =>
    statement`
      with deliveries as (
        insert into notification_deliveries (tenant_id, id, notification_id, channel, status, attempts, message,
          changed_at)
        select tenant_id, gen_random_uuid(), id, 'in-app', 'pending', 0, '{}', now() from notification_history
      ), counted as (
        insert into daily_interruptions (tenant_id, user_id, day, count) values (${tenantId}, 'p01', '2026-11-10', 1)
      ), aside as (
        insert into set_aside (tenant_id, user_id, job, error, since, until)
        values (${tenantId}, 'p01', 'wake-deferred', 'unknown zone', now(), now())
      ), monthly as (
        insert into monthly_messages (tenant_id, month, email, sms) values (${tenantId}, '2026-11-01', 1, 1)
      ), unconfirmed as (
        insert into address_confirmations (tenant_id, id, user_id, channel, address_digest, status, attempts,
          created_at, changed_at, expires_at)
        values (${tenantId}, gen_random_uuid(), 'p01', 'email', 'digest', 'sent', 1, now(), now(), now())
      ), erased as (
        insert into erased_people (tenant_id, person, erased_at, tokens_from, is_there)
        values (${tenantId}, 'hash', now(), now(), false)
      ), numbered as (
        insert into stream_heads (tenant_id, user_id, last_number) values (${tenantId}, 'p01', 1)
      ), summarized as (
        insert into daily_spending_summary (tenant_id, user_id, span, date, currency, total_minor,
          transaction_count, facts, created_at)
        values (${tenantId}, 'p01', 'day', '2026-11-10', 'USD', 40000, 2, '{}', now())
      ), profiled as (
        insert into user_spending_profiles (tenant_id, user_id, category_id, currency, months, transaction_count,
          computed_at)
        values (${tenantId}, 'p01', 'food', 'USD', 0, 0, now())
      ), analysed as (
        insert into merchant_consolidation_analysis (tenant_id, user_id, category_id, currency, first_day, last_day,
          merchants, computed_at)
        values (${tenantId}, 'p01', 'food', 'USD', '2026-08-13', '2026-11-10', '[]', now())
      ), recommended as (
        insert into smart_recommendations (tenant_id, id, user_id, type, category_id, status, currency,
          monthly_saving_minor, savings_pct, confidence, difficulty, evidence, created_at, updated_at, expires_at)
        values (${tenantId}, gen_random_uuid(), 'p01', 'spending_trend', 'food', 'suggested', 'USD', 500, 5, 0.5,
          'easy', '{}', now(), now(), now())
      ), forecast as (
        insert into rule_forecasts (tenant_id, rule_id, user_id, period_start, period_end, day, made_at, spent_minor,
          remaining_minor, bills_minor, upcoming, months, transactions)
        values (${tenantId}, gen_random_uuid(), 'p01', '2026-11-01', '2026-12-01', '2026-11-10', now(), 40000, '{0,1}', 0,
          '[]', 6, 40)
      ), pooled as (
        insert into forecast_ratios (tenant_id, cell, people, ratios, made_at)
        values (${tenantId}, '1/1', 10, '{1}', now())
      ), ahead as (
        insert into forecast_states (tenant_id, rule_id, period_start, period_end, level, is_open, changed_at)
        values (${tenantId}, gen_random_uuid(), '2026-11-01', '2026-12-01', 100, true, now())
      ), anomaly as (
        insert into anomalies (tenant_id, id, user_id, type, subject, day, merchant_key, merchant, category_id, currency,
          amount_minor, details, is_late, is_open, created_at, changed_at)
        values (${tenantId}, gen_random_uuid(), 'p01', 'duplicate_charge', 'a', '2026-10-10', 'SHOP', 'Shop', 'food',
          'USD', 100, '{}', false, true, now(), now())
      ), recurring as (
        insert into recurring_charges (tenant_id, id, user_id, merchant_key, merchant, category_id, currency, cadence,
          state, is_variable, amount_minor, last_amount_minor, occurrences, first_day, last_day, last_expense_id,
          created_at, changed_at)
        values (${tenantId}, gen_random_uuid(), 'p01', 'SHOP', 'Shop', 'food', 'USD', 'monthly', 'active', false, 100,
          100, 3, '2026-08-10', '2026-10-10', 'a', now(), now())
      ), named as (
        insert into merchant_names (tenant_id, name, source, merchant_id) values (${tenantId}, 'Shop', 'api', 'm1')
      ), rated as (
        insert into fx_rates (tenant_id, date, base, currency, rate)
        values (${tenantId}, '2026-11-10', 'USD', 'EUR', 0.92)
      ), repriced as (
        insert into repricings (tenant_id, id, expense_count, created_at)
        values (${tenantId}, gen_random_uuid(), 1, now())
      ), staled as (
        insert into stale_prices (tenant_id, user_id, repricing_id, first_day, last_day, expense_count)
        values (${tenantId}, 'p01', gen_random_uuid(), '2026-11-10', '2026-11-17', 1)
      ), compared as (
        insert into spending_benchmarks (tenant_id, benchmark_key, month, currency, category_ids, cohort_size, mean,
          p10, p25, median, p75, p90, updated_at)
        values (${tenantId}, 'food', '2026-10-01', 'USD', '{food}', 1, 1, 1, 1, 1, 1, 1, now())
      ), comparable as (
        insert into benchmark_people (tenant_id, month, user_id, benchmark_keys, spent_minor, percentile_ranks)
        values (${tenantId}, '2026-10-01', 'p01', '{food}', '{1}', '{50}')
      )
      insert into push_subscriptions (tenant_id, id, user_id, endpoint, p256dh, auth, created_at)
      values (${tenantId}, gen_random_uuid(), 'p01', 'https://push.example.com/1', 'key', 'auth', now())
      `.execute(sql),
  );
  return tenantId;
}

async function tenantTables(): Promise<{ name: string; column: string }[]> {
  const { rows } = await statement<{ name: string; column: string }>`
    select table_name as name, column_name as column
    from information_schema.columns
    where table_schema = 'public' and (column_name = 'tenant_id' or (table_name, column_name) = ('tenants', 'id'))
    order by 1`.execute(database.sql);
  return rows;
}

const countIn = async (sql: Database['sql'], table: string): Promise<number> => {
  const { rows } = await statement<{ count: number }>`
    select count(*)::int as count from ${statement.table(table)}`.execute(sql);
  return rows[0]?.count ?? -1;
};

const inTenant = <T>(tenantIds: readonly string[], work: (sql: Database['sql']) => Promise<T>) =>
  db.transaction(tenantIds, work);

describe('the service', () => {
  test('acts as a role that owns no table and has no privilege', async () => {
    expect(await readRole(db.sql)).toEqual({ name: 'spendwatch_service', isPrivileged: false });
    expect(await readRole(database.sql)).toMatchObject({ isPrivileged: true });
  });

  test('may neither change the tables nor switch row-level security off', async () => {
    for (const text of ['alter table users disable row level security', 'drop policy named_tenants on users'])
      await expect(statement.raw(text).execute(db.sql)).rejects.toThrow('must be owner');
  });
});

describe('every table with rows of tenants', () => {
  test('has row-level security enabled and forced', async () => {
    expect(tables.length).toBeGreaterThan(13);
    const { rows } = await statement<{ name: string }>`
      select relname as name from pg_class
      where relnamespace = 'public'::regnamespace and relrowsecurity and relforcerowsecurity
      order by 1`.execute(database.sql);
    expect(rows.map(({ name }) => name)).toEqual(tables.map(({ name }) => name));
  });

  test('shows no rows while no tenant is named, and the rows of each tenant that is', async () => {
    for (const { name, column } of tables) {
      expect([name, await countIn(db.sql, name)]).toEqual([name, 0]);
      expect([name, await inTenant([], (sql) => countIn(sql, name))]).toEqual([name, 0]);
      const { rows } = await statement<{ tenant: string; count: number }>`
        select ${statement.ref(column)} as tenant, count(*)::int as count
        from ${statement.table(name)} group by 1`.execute(database.sql);
      const counts = new Map(rows.map(({ tenant, count }) => [tenant, count]));
      expect([name, await inTenant([one], (sql) => countIn(sql, name))]).toEqual([
        name,
        counts.get(one) ?? 0,
      ]);
      const both = (counts.get(one) ?? 0) + (counts.get(other) ?? 0);
      expect([name, await inTenant([one, other], (sql) => countIn(sql, name))]).toEqual([name, both]);
      expect(both).toBeGreaterThan(0);
    }
  });

  test('lets no tenant read, change, delete or insert rows of another by naming its id', async () => {
    for (const { name, column } of tables) {
      const table = statement.table(name);
      const id = statement.ref(column);
      const before = await readRows(name);
      const read = await inTenant([one], (sql) =>
        statement`select 1 from ${table} where ${id} = ${other}::uuid`.execute(sql),
      );
      expect([name, read.rows]).toEqual([name, []]);
      const changed = await inTenant([one], (sql) =>
        statement`update ${table} set ${id} = ${id} where ${id} = ${other}::uuid`.execute(sql),
      );
      const removed = await inTenant([one], (sql) =>
        statement`delete from ${table} where ${id} = ${other}::uuid`.execute(sql),
      );
      expect([name, changed.numAffectedRows, removed.numAffectedRows]).toEqual([name, 0n, 0n]);
      await expect(
        inTenant([one], (sql) =>
          statement`update ${table} set ${id} = ${other}::uuid where ${id} = ${one}::uuid`.execute(sql),
        ),
      ).rejects.toThrow('row-level security');
      expect(await readRows(name)).toEqual(before);
    }
  });

  test('refuses a new row for a tenant that is not named', async () => {
    await expect(
      inTenant([one], (sql) =>
        statement`insert into categories (tenant_id, id) values (${other}::uuid, 'forged')`.execute(sql),
      ),
    ).rejects.toThrow('row-level security');
    expect(await inTenant([one], (sql) => createApiKey(sql, other, 'admin', start))).toBeNull();
  });
});

const readRows = async (table: string): Promise<unknown[]> =>
  (await statement`select t::text from ${statement.table(table)} t order by 1`.execute(database.sql)).rows;

describe('a transaction', () => {
  test('leaves no tenant named for the next query on its connection', async () => {
    const single = await Database.open({ url: database.url, log: createLog('silent'), poolSize: 1 });
    await single.transaction([one], (sql) => countIn(sql, 'users'));
    expect(await countIn(single.sql, 'users')).toBe(0);
    await single.close();
  });

  test('refuses a tenant id that is not a UUID', async () => {
    await expect(inTenant(['x},{y'], (sql) => countIn(sql, 'users'))).rejects.toThrow('invalid input syntax');
  });
});

test('the look-ups across tenants answer for the row asked for, and only the service may call them', async () => {
  const { rows } = await statement`select * from lookup.find_api_key('\\x00'::bytea)`.execute(db.sql);
  expect(rows).toEqual([]);
  const { rows: open } = await statement<{ name: string }>`
    select p.proname as name from pg_proc p
    where p.pronamespace = 'lookup'::regnamespace
      and (not p.prosecdef or has_function_privilege('public', p.oid, 'execute'))`.execute(database.sql);
  expect(open).toEqual([]);
});

test('a tenant that is deleted leaves no row in any table, and takes none of another', async () => {
  const leaving = await fullTenant();
  const countsOf = (tenantId: string) =>
    Promise.all(
      tables.map(async ({ name, column }) => {
        const { rows } = await statement<{ count: number }>`
          select count(*)::int as count from ${statement.table(name)}
          where ${statement.ref(column)} = ${tenantId}`.execute(database.sql);
        return [name, rows[0]?.count];
      }),
    );
  const others = await countsOf(one);
  expect(others.filter(([, count]) => count === 0)).toEqual(
    (await countsOf(leaving)).filter(([, count]) => count === 0),
  );
  await statement`delete from tenants where id = ${leaving}`.execute(database.sql);
  expect((await countsOf(leaving)).filter(([, count]) => count !== 0)).toEqual([]);
  expect(await countsOf(one)).toEqual(others);
});
