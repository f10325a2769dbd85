/** How rules stand today: each with its current period and what was spent in it. */
import { sql as statement } from 'kysely';
import { localDay, type Period, periodContaining } from '../../domain/period.ts';
import type { Rule } from '../../domain/rule.ts';
import type { Sql } from '../database.ts';
import { type RuleRow, toRule } from './read-watched.ts';

/** `period` holds today in the person's zone. */
export type RuleStanding = {
  rule: Rule;
  period: Period;
  spentMinor: bigint;
  createdAt: Temporal.Instant;
  updatedAt: Temporal.Instant;
};

/** `timezone`: the person's, else the tenant's. */
export type StoredRule = RuleRow & {
  created_at: string;
  updated_at: string;
  /** Of the row: another after every change of it. */
  version: string;
  timezone: string;
};

/** Columns of `StoredRule`, to be followed by a `where` over `r`. */
export const selectRules = statement`
  select r.tenant_id, r.id, r.user_id, r.name, r.category_id, r.budget_minor, r.currency, r.period,
    r.thresholds, r.channels, r.quiet_hours, r.max_notifications_per_day, r.cooldown_minutes,
    r.notifications_enabled, r.notify_on_recovery, r.is_active, r.created_at, r.updated_at,
    r.xmin::text as version, coalesce(u.timezone, t.timezone) as timezone
  from smart_alert_rules r
  join tenants t on t.id = r.tenant_id
  left join users u on u.tenant_id = r.tenant_id and u.id = r.user_id`;

/** Keeps the order of `rows`, which are one person's. */
export async function readStanding(
  sql: Sql,
  rows: readonly StoredRule[],
  now: Temporal.Instant,
): Promise<RuleStanding[]> {
  const unmeasured = rows.map((row) => unmeasuredOf(row, now));
  const spent = await readSpending(sql, unmeasured);
  return unmeasured.map((standing) => ({ ...standing, spentMinor: spent.get(standing.rule.id) ?? 0n }));
}

export type Unmeasured = Omit<RuleStanding, 'spentMinor'>;

export function unmeasuredOf(row: StoredRule, now: Temporal.Instant): Unmeasured {
  const rule = toRule(row);
  return {
    rule,
    period: periodContaining(rule.period, localDay(now, row.timezone)),
    createdAt: Temporal.Instant.from(row.created_at),
    updatedAt: Temporal.Instant.from(row.updated_at),
  };
}

/**
 * What was spent by a rule `r` in a period `asked`: the sum kept for it; added up from the days where none is
 * kept, or, the rule being switched off, no longer kept up. Rides on the primary keys of `rule_spend` and
 * `daily_spend`.
 */
export const spent = statement`
  coalesce((
    select s.spent_minor
    from rule_spend s
    where r.is_active and s.tenant_id = r.tenant_id and s.rule_id = r.id
      and s.period_start = asked.period_start and s.period_end = asked.period_end
  ), (
    select sum(d.amount_minor)
    from daily_spend d
    where d.tenant_id = r.tenant_id and d.user_id = r.user_id
      and d.day >= asked.period_start and d.day < asked.period_end
      and (r.category_id is null or d.category_id = r.category_id) and d.currency = r.currency
  ), 0) as spent`;

/** The periods that are asked for, as a table of `id`, `period_start`, `period_end`. */
export const periodsOf = (standings: readonly Unmeasured[]) => statement`
  unnest(
    ${standings.map(({ rule }) => rule.id)}::uuid[],
    ${standings.map(({ period }) => period.start)}::date[],
    ${standings.map(({ period }) => period.end)}::date[]
  ) as asked (id, period_start, period_end)`;

async function readSpending(sql: Sql, standings: readonly Unmeasured[]): Promise<Map<string, bigint>> {
  const [first] = standings;
  if (!first) return new Map();
  const { rows } = await statement<{ id: string; spent: string }>`
    select r.id, ${spent}
    from ${periodsOf(standings)}
    join smart_alert_rules r on r.tenant_id = ${first.rule.tenantId} and r.id = asked.id`.execute(sql);
  return new Map(rows.map(({ id, spent }) => [id, BigInt(spent)]));
}
