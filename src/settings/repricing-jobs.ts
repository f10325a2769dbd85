/** Changes of exchange rates whose expenses are priced anew by a job: begun, read and forgotten. */
import { randomUUIDv7 } from 'node:crypto';
import { sql as statement } from 'kysely';
import type { Sql } from '../runtime/database/database.ts';
import { rateHoldsDays } from '../values/fx.ts';
import { coversCategory } from '../alerts/spending/covers-category.ts';

/** Up to so many expenses are priced anew before the rates' `PUT` is answered. */
const expensesAtOnce = 1_000;

/** `changed`: the currencies whose rate of `date` is another now. */
type ChangedRates = { tenantId: string; date: string; changed: readonly string[] };

/**
 * If the changed rates cover many expenses, marks the prices of their people as stale and returns the id of the repricing.
 * Returns null if they are few. The caller holds the lock on the rates alone. Rides on `daily_spend_day` and
 * `smart_alert_rules_active`.
 */
export async function beginRepricing(
  sql: Sql,
  { tenantId, date, changed }: ChangedRates,
  now: Temporal.Instant,
): Promise<string | null> {
  const { rows } = await statement<{ id: string }>`
    with covered as (
      select d.user_id, sum(d.expense_count)::int as expense_count
      from daily_spend d
      where d.tenant_id = ${tenantId} and d.expense_count <> 0
        and d.day between ${date}::date and ${date}::date + ${rateHoldsDays}::int
        and exists (
          select from smart_alert_rules r
          where r.tenant_id = d.tenant_id and r.user_id = d.user_id and r.is_active and r.currency <> d.currency
            and ${coversCategory(statement.ref('r'), statement.ref('d.category_id'))}
            and (d.currency = any(${changed}::text[]) or r.currency = any(${changed}::text[]))
        )
      group by d.user_id
    ), begun as (
      insert into repricings (tenant_id, id, expense_count, created_at)
      select ${tenantId}::uuid, ${randomUUIDv7()}::uuid, sum(expense_count), ${now.toString()}::timestamptz
      from covered
      having sum(expense_count) > ${expensesAtOnce}
      returning tenant_id, id
    ), marked as (
      insert into stale_prices (tenant_id, user_id, repricing_id, first_day, last_day, expense_count)
      select b.tenant_id, c.user_id, b.id, ${date}::date, ${date}::date + ${rateHoldsDays}::int, c.expense_count
      from covered c cross join begun b
    )
    select id from begun`.execute(sql);
  return rows[0]?.id ?? null;
}

/** Counted in expenses. */
export type RepricingState = { done: number; total: number };

/** Null if the tenant has no such repricing. Rides on the primary key and `stale_prices_repricing`. */
export async function readRepricing(
  sql: Sql,
  { tenantId, id }: { tenantId: string; id: string },
): Promise<RepricingState | null> {
  const { rows } = await statement<RepricingState>`
    select r.expense_count as total, r.expense_count - (
      select coalesce(sum(s.expense_count), 0)::int from stale_prices s
      where s.tenant_id = r.tenant_id and s.repricing_id = r.id
    ) as done
    from repricings r
    where r.tenant_id = ${tenantId} and r.id = ${id}`.execute(sql);
  return rows[0] ?? null;
}

/** Deletes those begun before `before` that are done. Reads the tenant's part of the primary key. */
export async function deleteOldRepricings(
  sql: Sql,
  tenantId: string,
  before: Temporal.Instant,
): Promise<void> {
  await statement`
    delete from repricings r
    where r.tenant_id = ${tenantId} and r.created_at < ${before.toString()}
      and not exists (
        select from stale_prices s where s.tenant_id = r.tenant_id and s.repricing_id = r.id
      )`.execute(sql);
}
