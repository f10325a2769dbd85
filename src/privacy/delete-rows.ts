/** Deletes the rows of a person. The caller has locked the person, unless it says otherwise. */
import { type RawBuilder, sql as statement } from 'kysely';
import { publishedFrom } from '../insight/decide/benchmark.ts';
import type { Sql } from '../runtime/database/database.ts';
import type { PersonRef } from '../values/refs.ts';
import { personalTables, type PersonalTableName, type Reach, rowsOf } from './personal-tables.ts';

/** Deleted rows, by table. */
export type Deleted = Record<string, number>;

const tables = Object.entries(personalTables) as [PersonalTableName, { reach: Reach }][];

/** These have statements of their own. */
const others: readonly Reach[] = ['inbox', 'benchmarks', 'audit'];

/**
 * Deletes all rows of the person but those of the inbox and of benchmarks, and the benchmarks that are too small to be
 * published and have the person in them. One statement, so each part sees the rows of the others.
 */
export async function deleteRows(sql: Sql, person: PersonRef): Promise<Deleted> {
  await lockNotifications(sql, person);
  const parts = tables
    .filter(([, { reach }]) => !others.includes(reach))
    .map(([table, { reach }]) => ({
      table,
      query: statement`delete from ${statement.table(table)} as held where ${rowsOf(reach, person)} returning 1`,
    }));
  const all = [...parts, { table: 'spending_benchmarks', query: deleteSmallBenchmarks(person) }];
  const name = (table: string) => statement.ref(`gone_${table}`);
  const { rows } = await statement<Deleted>`
    with ${statement.join(all.map(({ table, query }) => statement`${name(table)} as (${query})`))}
    select ${statement.join(
      all.map(
        ({ table }) => statement`(select count(*)::int from ${name(table)}) as ${statement.ref(table)}`,
      ),
    )}`.execute(sql);
  return rows[0] ?? {};
}

/** In the order in which deliveries are recorded: the notification first. Rides on `notification_history_user`. */
async function lockNotifications(sql: Sql, { tenantId, userId }: PersonRef): Promise<void> {
  await statement`
    select count(*) from (
      select from notification_history
      where tenant_id = ${tenantId} and user_id = ${userId}
      order by id
      for update
    ) locked`.execute(sql);
}

/** Figures of fewer people are published nowhere, and are measured again at night. Primary keys. */
const deleteSmallBenchmarks = ({ tenantId, userId }: PersonRef): RawBuilder<unknown> => statement`
  delete from spending_benchmarks b
  using (
    select distinct date_trunc('month', day)::date as month, category_id
    from daily_spend
    where tenant_id = ${tenantId} and user_id = ${userId}
  ) spent
  where b.tenant_id = ${tenantId} and b.month = spent.month and spent.category_id = any(b.category_ids)
    and b.cohort_size < ${publishedFrom}
  returning 1`;

/** More rows than a transaction deletes at once, so that it does not hold up the person's neighbours in a batch. */
export const rowsAtATime = 10_000;

/** Whether the person has more expenses, notifications or decisions than one portion. */
export async function hasManyRows(sql: Sql, { tenantId, userId }: PersonRef): Promise<boolean> {
  const isMany = (query: RawBuilder<unknown>) =>
    statement`(select count(*) from (${query} limit ${rowsAtATime + 1}) first) > ${rowsAtATime}`;
  const { rows } = await statement<{ is_many: boolean }>`
    select ${isMany(statement`select from expenses where tenant_id = ${tenantId} and user_id = ${userId}`)}
      or ${isMany(statement`select from notification_history where tenant_id = ${tenantId} and user_id = ${userId}`)}
      or ${isMany(statement`
        select from smart_alert_rules r join alert_decisions d on d.tenant_id = r.tenant_id and d.rule_id = r.id
        where r.tenant_id = ${tenantId} and r.user_id = ${userId}`)} as is_many`.execute(sql);
  return rows[0]?.is_many ?? false;
}

/** From here on no message reaches the person, and no rule is evaluated, while their rows are deleted in portions. */
export async function silence(sql: Sql, { tenantId, userId }: PersonRef): Promise<void> {
  await statement`
    with addresses as (
      delete from push_subscriptions where tenant_id = ${tenantId} and user_id = ${userId}
    ), confirmations as (
      delete from address_confirmations where tenant_id = ${tenantId} and user_id = ${userId}
    ), facts as (
      update users set email = null, phone = null, name = null where tenant_id = ${tenantId} and id = ${userId}
    )
    update smart_alert_rules set is_active = false
    where tenant_id = ${tenantId} and user_id = ${userId}`.execute(sql);
}

/** Deletes a portion of each of the large tables. The sums of days stay those of the expenses that are left. */
export const portions: readonly ((sql: Sql, person: PersonRef) => Promise<Deleted>)[] = [
  deleteExpenses,
  deleteNotifications,
  deleteDecisions,
];

/** Rides on `expenses_user_day` and on the primary key of `daily_spend`. */
async function deleteExpenses(sql: Sql, { tenantId, userId }: PersonRef): Promise<Deleted> {
  const { rows } = await statement<{ expenses: number }>`
    with portion as (
      select id from expenses
      where tenant_id = ${tenantId} and user_id = ${userId}
      order by day limit ${rowsAtATime}
    ), gone as (
      delete from expenses e using portion where e.tenant_id = ${tenantId} and e.id = portion.id
      returning e.day, e.category_id, e.currency, e.amount_minor
    ), moved as (
      update daily_spend d
      set amount_minor = d.amount_minor - g.amount_minor, expense_count = d.expense_count - g.expenses
      from (
        select day, category_id, currency, sum(amount_minor) as amount_minor, count(*)::int as expenses
        from gone group by day, category_id, currency
      ) g
      where d.tenant_id = ${tenantId} and d.user_id = ${userId} and d.day = g.day
        and d.category_id = g.category_id and d.currency = g.currency
    )
    select count(*)::int as expenses from gone`.execute(sql);
  return rows[0] ?? {};
}

/** Rides on `notification_history_user` and `notification_deliveries_channel`. */
async function deleteNotifications(sql: Sql, { tenantId, userId }: PersonRef): Promise<Deleted> {
  const { rows } = await statement<{ notification_history: number; notification_deliveries: number }>`
    with portion as (
      select id from notification_history
      where tenant_id = ${tenantId} and user_id = ${userId}
      order by created_at desc, id desc limit ${rowsAtATime}
      for update
    ), deliveries as (
      delete from notification_deliveries d using portion
      where d.tenant_id = ${tenantId} and d.notification_id = portion.id
      returning 1
    ), gone as (
      delete from notification_history n using portion where n.tenant_id = ${tenantId} and n.id = portion.id
      returning 1
    )
    select (select count(*)::int from gone) as notification_history,
      (select count(*)::int from deliveries) as notification_deliveries`.execute(sql);
  return rows[0] ?? {};
}

/** Primary keys. */
async function deleteDecisions(sql: Sql, { tenantId, userId }: PersonRef): Promise<Deleted> {
  const { rows } = await statement<{ alert_decisions: number }>`
    with portion as (
      select d.rule_id, d.number
      from smart_alert_rules r join alert_decisions d on d.tenant_id = r.tenant_id and d.rule_id = r.id
      where r.tenant_id = ${tenantId} and r.user_id = ${userId}
      limit ${rowsAtATime}
    ), gone as (
      delete from alert_decisions d using portion p
      where d.tenant_id = ${tenantId} and d.rule_id = p.rule_id and d.number = p.number
      returning 1
    )
    select count(*)::int as alert_decisions from gone`.execute(sql);
  return rows[0] ?? {};
}

/**
 * Deletes the events received until `erasedAt` that name the person, those that delete an expense which only this person
 * had or replaced, and the tombstones of such expenses. Needs no lock: an evaluation drops such events too (`drop-erased`). Reads
 * the tenant's part of the inbox, 90 days at most.
 */
export async function deleteEvents(
  sql: Sql,
  { tenantId, userId }: PersonRef,
  erasedAt: Temporal.Instant,
): Promise<Deleted> {
  const { rows } = await statement<{ events: number; expenses: number }>`
    with named as materialized (
      select expense_id from events where tenant_id = ${tenantId} and user_id = ${userId}
      union
      select replaces from events where tenant_id = ${tenantId} and user_id = ${userId} and replaces is not null
    ), own as materialized (
      select expense_id from named
      except
      select o.expense_id from events o
      where o.tenant_id = ${tenantId} and o.user_id <> ${userId}
        and o.expense_id in (select expense_id from named)
    ), gone as (
      delete from events e
      where e.tenant_id = ${tenantId}
        and (e.user_id = ${userId} or e.user_id is null and e.expense_id in (select expense_id from own))
        and not exists (
          select from event_batches b
          where b.tenant_id = e.tenant_id and b.id = e.batch_id and b.received_at > ${erasedAt.toString()}
        )
      returning 1
    ), tombstones as (
      delete from expenses x
      where x.tenant_id = ${tenantId} and x.user_id is null and x.id in (select expense_id from own)
      returning 1
    )
    select (select count(*)::int from gone) as events,
      (select count(*)::int from tombstones) as expenses`.execute(sql);
  return rows[0] ?? {};
}

/**
 * Deletes what tells that the person counted in benchmarks. It waits until a run that measures them is over, as that run
 * would write it again. Published figures stay until ten other people have news. Reads the tenant's part of the primary
 * key.
 */
export async function deleteBenchmarkPeople(sql: Sql, { tenantId, userId }: PersonRef): Promise<Deleted> {
  await statement`select from tenants where id = ${tenantId} for share`.execute(sql);
  const { numAffectedRows } = await statement`
    delete from benchmark_people where tenant_id = ${tenantId} and user_id = ${userId}`.execute(sql);
  return { benchmark_people: Number(numAffectedRows ?? 0n) };
}

/** Adds up counts by table. */
export function addDeleted(all: Deleted, more: Deleted): Deleted {
  const sums = { ...all };
  for (const [table, rows] of Object.entries(more)) sums[table] = (sums[table] ?? 0) + rows;
  return sums;
}
