/** Reads budget progress: rules with their current periods and the spending in them. */
import { sql as statement } from 'kysely';
import { localDay, type Period, periodToShow } from '../../values/period.ts';
import type { Rule } from '../decide/rule.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { budgetInPeriod } from '../spending/budget-in-period.ts';
import { countUnrated, type Foreign, selectForeignDays } from '../spending/count-unrated.ts';
import { measureSpending, type Measured, selectSpending } from '../spending/measure-spending.ts';
import { ruleFields, type RuleRow, toRule } from './read-active-rules.ts';
import { personTimeZone } from '../../accounts/people.ts';

/**
 * `period` contains today's date in the person's time zone, if a period of the rule does; else it is the next, or the only
 * one. `unrated`: how many of its expenses `spentMinor` leaves out, because no exchange rate to the rule's currency is known.
 * `carriedMinor`: what the period carries over from the one before; its budget is the rule's and that.
 */
export type RuleProgress = {
  rule: Rule;
  carriedMinor: bigint;
  period: Period;
  spentMinor: bigint;
  unrated: number;
  createdAt: Temporal.Instant;
  updatedAt: Temporal.Instant;
};

/** `timezone`: the person's, or else the tenant's. */
export type StoredRule = RuleRow & {
  created_at: string;
  updated_at: string;
  /** The row's version, which differs after every change of the row. */
  version: string;
  timezone: string;
};

/** Selects the columns of `StoredRule`. A `where` over `r` follows. */
export const selectRules = statement`
  select ${ruleFields}, r.created_at, r.updated_at, r.xmin::text as version, ${personTimeZone} as timezone
  from smart_alert_rules r
  join tenants t on t.id = r.tenant_id
  left join users u on u.tenant_id = r.tenant_id and u.id = r.user_id`;

/** Keeps the order of `rows`. */
export async function readProgress(
  sql: Sql,
  rows: readonly StoredRule[],
  now: Temporal.Instant,
): Promise<RuleProgress[]> {
  const unmeasured = rows.map((row) => unmeasuredOf(row, now));
  const spent = await readSpending(sql, unmeasured);
  const nothing = { spentMinor: 0n, unrated: 0, carriedMinor: 0n };
  return unmeasured.map((progress) => ({ ...progress, ...(spent.get(progress.rule.id) ?? nothing) }));
}

export type Unmeasured = Omit<RuleProgress, keyof SpentSoFar>;

type SpentSoFar = Pick<RuleProgress, 'spentMinor' | 'unrated' | 'carriedMinor'>;

export function unmeasuredOf(row: StoredRule, now: Temporal.Instant): Unmeasured {
  const rule = toRule(row);
  return {
    rule,
    period: periodToShow(rule.period, localDay(now, row.timezone)),
    createdAt: Temporal.Instant.from(row.created_at),
    updatedAt: Temporal.Instant.from(row.updated_at),
  };
}

/**
 * The spending of a rule. `kept`: the sum in `rule_spend`, or null if there is none to be used. `budget`: of the period, with
 * what it carries over.
 */
export type Spent = Measured & Foreign & { kept: string | null; budget: string; own_budget: string };

const keptSum = statement`case when r.exclude_merchants is null then kept.spent_minor end`;

/** The columns of `Spent`, to be used with `spentOf`. */
export const spentColumns = statement`${keptSum} as kept, measured.*, unrated.*, r.budget_minor as own_budget,
  ${budgetInPeriod(
    statement.ref('r'),
    statement`case when kept.rule_id is null then previous.left_minor else kept.left_before end`,
  )} as budget`;

/**
 * Joins the spending of a rule `r` in a period `asked`. The kept sum is used if there is one. Otherwise the spending is
 * measured, and so is that of a rule that is switched off, as its sum is not updated, and that of a rule that excludes
 * merchants, whose expenses without a rate only the expenses tell. Rides on the primary key of
 * `rule_spend` and on the indexes of `selectSpending` and `selectForeignDays`.
 */
export const spentOf = statement`
  left join rule_spend kept on r.is_active and kept.tenant_id = r.tenant_id and kept.rule_id = r.id
    and kept.period_start = asked.period_start and kept.period_end = asked.period_end
  left join lateral (
    select ${budgetInPeriod(statement.ref('r'), statement.ref('p.left_before'))} - p.spent_minor as left_minor
    from rule_spend p
    where r.rollover <> 'none' and r.is_active and kept.rule_id is null
      and asked.period_start > coalesce(r.carries_from, '-infinity')
      and p.tenant_id = r.tenant_id and p.rule_id = r.id and p.period_end = asked.period_start
  ) previous on true
  cross join lateral (
    ${selectSpending(statement.ref('r'), statement.ref('asked'), statement`${keptSum} is null`)}
  ) measured
  cross join lateral (
    ${selectForeignDays(statement.ref('r'), statement.ref('asked'), statement`${keptSum} is not null`)}
  ) unrated`;

/** Adds `spentMinor` and `unrated` to each row. */
export async function withSpent<Row extends Spent>(
  sql: Sql,
  rows: readonly Row[],
): Promise<(Row & SpentSoFar)[]> {
  const [measured, leftOut] = [await measureSpending(sql, rows), await countUnrated(sql, rows)];
  return measured.map((row, index) => ({
    ...row,
    carriedMinor: BigInt(row.budget) - BigInt(row.own_budget),
    ...(row.kept === null
      ? { spentMinor: row.measured.spentMinor, unrated: row.measured.unrated.length }
      : { spentMinor: BigInt(row.kept), unrated: leftOut[index] ?? 0 }),
  }));
}

/** A table `asked` of rules and their periods: `tenant_id`, `id`, `period_start`, `period_end`. */
export const periodsOf = (rules: readonly Unmeasured[]) => statement`
  unnest(
    ${rules.map(({ rule }) => rule.tenantId)}::uuid[],
    ${rules.map(({ rule }) => rule.id)}::uuid[],
    ${rules.map(({ period }) => period.start)}::date[],
    ${rules.map(({ period }) => period.end)}::date[]
  ) as asked (tenant_id, id, period_start, period_end)`;

async function readSpending(sql: Sql, rules: readonly Unmeasured[]): Promise<Map<string, SpentSoFar>> {
  if (rules.length === 0) return new Map();
  const { rows } = await statement<Spent & { id: string }>`
    select r.id, ${spentColumns}
    from ${periodsOf(rules)}
    join smart_alert_rules r on r.tenant_id = asked.tenant_id and r.id = asked.id
    ${spentOf}`.execute(sql);
  return new Map(
    (await withSpent(sql, rows)).map(({ id, spentMinor, unrated, carriedMinor }) => [
      id,
      { spentMinor, unrated, carriedMinor },
    ]),
  );
}
