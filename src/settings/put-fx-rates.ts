/**
 * Stores exchange rates for a day. In the same transaction it evaluates the rules that count expenses which the rates
 * cover. They alert as on any other spending. If those are many, it marks their people, and `reprice-people` evaluates them
 * after the answer.
 */
import { sql as statement } from 'kysely';
import { rateHoldsDays } from '../values/fx.ts';
import type { Database, Sql } from '../runtime/database/database.ts';
import { lockPeople } from '../accounts/people.ts';
import { lockRates } from '../alerts/spending/lock-rates.ts';
import { markRatedProfiles } from '../insight/profiles/mark-rated-profiles.ts';
import { evaluateRulePeriods } from '../alerts/evaluate/evaluate-rule-periods.ts';
import { beginRepricing } from './repricing-jobs.ts';
import { type CoveredDay, worksOf } from './reprice-people.ts';
import type { Evaluated } from '../alerts/evaluate/write-evaluations.ts';
import { coversCategory } from '../alerts/spending/covers-category.ts';

/** `rates`: by currency, its units for one unit of `base`; decimals above zero. */
export type RateTable = { date: string; base: string; rates: Record<string, string> };

/**
 * Rates of currencies that are left out stay. Returns the stored table of the day and base, and the evaluation with
 * its notifications. `repricingId`: of the work that is left for the job, or null if all is done.
 */
export async function putFxRates(
  db: Database,
  tenantId: string,
  table: RateTable,
  now: Temporal.Instant,
): Promise<{ stored: RateTable; evaluated: Evaluated; repricingId: string | null }> {
  return db.transaction([tenantId], async (sql) => {
    await lockRates(sql, tenantId);
    const changed = await writeRates(sql, tenantId, table);
    const { date } = table;
    const repricingId =
      changed.length > 0 ? await beginRepricing(sql, { tenantId, date, changed }, now) : null;
    const evaluated =
      repricingId === null
        ? await evaluateCovered(sql, tenantId, date, changed, now)
        : { notifications: [], outcomes: [] };
    await markRatedProfiles(sql, tenantId, date, changed, now);
    return { stored: await readTable(sql, tenantId, table), evaluated, repricingId };
  });
}

/** Returns the currencies with a changed rate. Rides on the primary key. */
async function writeRates(sql: Sql, tenantId: string, { date, base, rates }: RateTable): Promise<string[]> {
  const { rows } = await statement<{ currency: string }>`
    insert into fx_rates as known (tenant_id, date, base, currency, rate)
    select ${tenantId}::uuid, ${date}::date, ${base}, currency, rate
    from unnest(${Object.keys(rates)}::text[], ${Object.values(rates)}::numeric[]) as given (currency, rate)
    on conflict (tenant_id, date, base, currency) do update
    set rate = excluded.rate where known.rate <> excluded.rate
    returning currency`.execute(sql);
  return rows.map(({ currency }) => currency);
}

async function evaluateCovered(
  sql: Sql,
  tenantId: string,
  date: string,
  changed: readonly string[],
  now: Temporal.Instant,
): Promise<Evaluated> {
  const covered = await findCovered(sql, tenantId, date, changed);
  const userIds = [...new Set(covered.map(({ user_id }) => user_id))];
  const people = await lockPeople(
    sql,
    userIds.map((userId) => ({ tenantId, userId })),
  );
  return evaluateRulePeriods(sql, await worksOf(sql, people, covered, now), now);
}

type Covered = CoveredDay & { user_id: string };

/**
 * Finds the rules and days with expenses that a changed rate may apply to. Such an expense has another currency than
 * its rule, one of the two has a changed rate, and its day is within the rate's days. The lock on rates keeps new
 * ones out meanwhile. Rides on `smart_alert_rules_active` and the primary key of `daily_spend`.
 */
async function findCovered(
  sql: Sql,
  tenantId: string,
  date: string,
  changed: readonly string[],
): Promise<Covered[]> {
  if (changed.length === 0) return [];
  const { rows } = await statement<Covered>`
    select r.id, r.user_id, d.day
    from smart_alert_rules r
    cross join lateral (
      select distinct d.day
      from daily_spend d
      where d.tenant_id = r.tenant_id and d.user_id = r.user_id
        and d.day between ${date}::date and ${date}::date + ${rateHoldsDays}::int
        and d.currency <> r.currency and d.expense_count <> 0
        and ${coversCategory(statement.ref('r'), statement.ref('d.category_id'))}
        and (d.currency = any(${changed}::text[]) or r.currency = any(${changed}::text[]))
    ) d
    where r.tenant_id = ${tenantId} and r.is_active`.execute(sql);
  return rows;
}

/** Rides on the primary key. */
async function readTable(sql: Sql, tenantId: string, { date, base }: RateTable): Promise<RateTable> {
  const { rows } = await statement<{ currency: string; rate: string }>`
    select currency, rate from fx_rates
    where tenant_id = ${tenantId} and date = ${date} and base = ${base}
    order by currency`.execute(sql);
  return { date, base, rates: Object.fromEntries(rows.map(({ currency, rate }) => [currency, rate])) };
}
