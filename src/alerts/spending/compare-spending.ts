/**
 * Compares the sums kept by increments with the expenses. Each comparison is one statement, so it sees one snapshot.
 * An evaluation writes expenses and sums in one transaction, so the snapshot has both or neither. A difference is
 * therefore real, and no expense or person needs a lock.
 */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';
import { hasStalePrices } from '../../accounts/people.ts';
import { lockRatesShared } from './lock-rates.ts';
import { measureSpending, type WithMeasured, type Measured, selectExpenses } from './measure-spending.ts';

/** Sums are in minor units. `expected` is computed from the expenses. Null means that there is no row. */
type SpendingDifference = { userId: string; kept: string | null; expected: string | null } & (
  | {
      kind: 'daily_spend';
      day: string;
      categoryId: string;
      currency: string;
      keptCount: number;
      expectedCount: number;
    }
  | { kind: 'rule_spend'; ruleId: string; periodStart: string; periodEnd: string }
);

/** At most this many differences of each kind are returned. The next run finds the rest. */
const differenceLimit = 1000;

/** Rule periods in one page. They are read with their expenses in other currencies. */
const pageSize = 500;

/** Returns the differences between the kept sums of a tenant's people and their expenses. Changes nothing. */
export async function compareSpending(sql: Sql, tenantId: string): Promise<SpendingDifference[]> {
  return [...(await compareDays(sql, tenantId)), ...(await compareRules(sql, tenantId))];
}

type DayRow = {
  user_id: string;
  day: string;
  category_id: string;
  currency: string;
  kept: string | null;
  expected: string | null;
  kept_count: number;
  expected_count: number;
};

/** A kept row of zero counts as no row. Rides on `expenses_user_day` and the primary key of `daily_spend`. */
async function compareDays(sql: Sql, tenantId: string): Promise<SpendingDifference[]> {
  const { rows } = await statement<DayRow>`
    with expected as (
      select user_id, day, category_id, currency, sum(amount_minor) as amount_minor, count(*)::int as count
      from expenses
      where tenant_id = ${tenantId} and user_id is not null and day is not null
      group by user_id, day, category_id, currency
    ), kept as (
      select user_id, day, category_id, currency, amount_minor, expense_count as count
      from daily_spend
      where tenant_id = ${tenantId} and (amount_minor <> 0 or expense_count <> 0)
    )
    select user_id, day, category_id, currency, kept.amount_minor as kept, expected.amount_minor as expected,
      coalesce(kept.count, 0) as kept_count, coalesce(expected.count, 0) as expected_count
    from expected full join kept using (user_id, day, category_id, currency)
    where expected.amount_minor is distinct from kept.amount_minor
      or expected.count is distinct from kept.count
    order by user_id, day, category_id, currency
    limit ${differenceLimit}`.execute(sql);
  return rows.map((row) => ({
    kind: 'daily_spend',
    userId: row.user_id,
    day: row.day,
    categoryId: row.category_id,
    currency: row.currency,
    kept: row.kept,
    expected: row.expected,
    keptCount: row.kept_count,
    expectedCount: row.expected_count,
  }));
}

type RuleRow = Measured & {
  user_id: string;
  rule_id: string;
  period_start: string;
  period_end: string;
  kept: string;
};

/**
 * Converted sums need two statements, so rates that change between them would look like a difference. Differences are
 * therefore confirmed by a second comparison under the lock on the rates. A run without differences takes no lock.
 */
async function compareRules(sql: Sql, tenantId: string): Promise<SpendingDifference[]> {
  const found = await findRuleDifferences(sql, tenantId);
  if (found.length === 0) return found;
  await lockRatesShared(sql, [tenantId]);
  return findRuleDifferences(sql, tenantId);
}

async function findRuleDifferences(sql: Sql, tenantId: string): Promise<SpendingDifference[]> {
  const found: SpendingDifference[] = [];
  for (let after: RuleRow | undefined | null = null; after !== undefined;) {
    const page: RuleRow[] = await readCandidates(sql, tenantId, after);
    found.push(...differencesOf(await measureSpending(sql, page)));
    after = page.length < pageSize || found.length >= differenceLimit ? undefined : page.at(-1);
  }
  return found.slice(0, differenceLimit);
}

const differencesOf = (rows: readonly WithMeasured<RuleRow>[]): SpendingDifference[] =>
  rows
    .filter(({ kept, measured }) => BigInt(kept) !== measured.spentMinor)
    .map(({ measured, ...row }) => ({
      kind: 'rule_spend',
      userId: row.user_id,
      ruleId: row.rule_id,
      periodStart: row.period_start,
      periodEnd: row.period_end,
      kept: row.kept,
      expected: measured.spentMinor.toString(),
    }));

/**
 * Reads a page of measured periods that differ or may differ. A period with expenses in other currencies may differ, as
 * SQL does not convert them, and so may one of a rule that excludes merchants. Periods without a row are left out, as they are measured at first use. Rules that are
 * switched off are left out, as their sums are not updated, and so are people whose prices are stale. Rides on the primary key of `rule_spend` and on
 * `expenses_user_day`.
 */
async function readCandidates(sql: Sql, tenantId: string, after: RuleRow | null): Promise<RuleRow[]> {
  const onwards =
    after === null
      ? statement`true`
      : statement`(kept.rule_id, kept.period_start, kept.period_end)
          > (${after.rule_id}::uuid, ${after.period_start}::date, ${after.period_end}::date)`;
  const { rows } = await statement<RuleRow>`
    select rule.user_id, kept.rule_id, kept.period_start, kept.period_end, kept.spent_minor as kept, expected.*
    from rule_spend kept
    join smart_alert_rules rule on rule.tenant_id = kept.tenant_id and rule.id = kept.rule_id
    cross join lateral (
      ${selectExpenses(statement.ref('rule'), statement.ref('kept'))}
    ) as expected
    where kept.tenant_id = ${tenantId} and ${onwards} and rule.is_active
      and not ${hasStalePrices('rule.tenant_id', 'rule.user_id')}
      and (kept.spent_minor <> expected.own_minor or expected.foreign_expenses is not null
        or rule.exclude_merchants is not null)
    order by kept.rule_id, kept.period_start, kept.period_end
    limit ${pageSize}`.execute(sql);
  return rows;
}
