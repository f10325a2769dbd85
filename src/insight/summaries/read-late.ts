/**
 * Reads what was posted late: expenses of days that a summary no longer covers, and the levels that they reached in periods
 * that are closed to alerts.
 */
import { sql as statement } from 'kysely';
import type { BudgetPeriodKind } from '../../values/period.ts';
import type { PersonRef } from '../../values/refs.ts';
import type { Rates } from '../../values/fx.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { columnOf } from '../../runtime/database/column-of.ts';
import { readRates } from '../../alerts/spending/read-rates.ts';
import type { LateFigures } from '../decide/summary.ts';

/**
 * What was posted after `since`, and at `until` or before, for days before the local day `before`. `since` null: since
 * the person's last digest with a summary.
 */
export type AskedLate = PersonRef & {
  before: string;
  since: Temporal.Instant | null;
  until: Temporal.Instant;
};

type Foreign = [amountMinor: string, currency: string, day: string];
type Level = {
  ruleName: string;
  periodKind: BudgetPeriodKind;
  level: number;
  periodStart: string;
  periodEnd: string;
};
type Row = {
  tenant_id: string;
  currency: string;
  count: number;
  total_minor: string;
  foreign_expenses: Foreign[] | null;
  levels: Level[] | null;
};

/** A digest looks back a moment, so that it leaves out no evaluation that was under way when the last one was made. */
export const digestLag = { minutes: 1 } as const;

/** In the order of `asked`; null if nothing was. */
export async function readLate(sql: Sql, asked: readonly AskedLate[]): Promise<(LateFigures | null)[]> {
  if (asked.length === 0) return [];
  const rows = await readRows(sql, asked);
  const rates = await readRates(
    sql,
    rows.flatMap(({ tenant_id: tenantId, currency: to, foreign_expenses: foreign }) =>
      (foreign ?? []).map(([, from, day]) => ({ tenantId, day, from, to })),
    ),
  );
  return rows.map((row) => toLate(row, rates(row.tenant_id)));
}

/** The highest level of each rule and period that is still reached. */
const closedLevels = statement`
  select json_agg(json_build_object('ruleName', name, 'periodKind', period, 'level', level, 'periodStart', period_start,
    'periodEnd', period_end)
    order by name, period_start)
  from (
    select distinct on (d.rule_id, d.period_start) r.name, r.period, d.level, d.period_start, a.period_end
    from smart_alert_rules r
    join alert_decisions d on d.tenant_id = r.tenant_id and d.rule_id = r.id
    join alert_states a on a.tenant_id = d.tenant_id and a.rule_id = d.rule_id and a.period_start = d.period_start
      and a.level = d.level and a.is_open
    where r.tenant_id = k.tenant_id and r.user_id = k.user_id and r.is_active
      and d.outcome = 'past_period' and d.at > span.since and d.at <= k.until
    order by d.rule_id, d.period_start, d.level desc
  ) reached`;

/**
 * Rides on `expenses_posted`, `notification_history_digest`, `smart_alert_rules_active` and primary keys. Decisions are
 * read of people with late expenses only.
 */
async function readRows(sql: Sql, asked: readonly AskedLate[]): Promise<Row[]> {
  const column = columnOf(asked);
  const { rows } = await statement<Row>`
    select t.id as tenant_id, t.currency, late.*, case when late.count > 0 then (${closedLevels}) end as levels
    from unnest(
      ${column(({ tenantId }) => tenantId)}::uuid[],
      ${column(({ userId }) => userId)}::text[],
      ${column(({ before }) => before)}::date[],
      ${column(({ since }) => since?.toString() ?? null)}::timestamptz[],
      ${column(({ until }) => until.toString())}::timestamptz[]
    ) with ordinality as k (tenant_id, user_id, before, since, until, position)
    join tenants t on t.id = k.tenant_id
    cross join lateral (
      select coalesce(k.since, (
        select n.created_at - make_interval(mins => ${digestLag.minutes})
        from notification_history n
        where n.tenant_id = k.tenant_id and n.user_id = k.user_id and n.digest_day is not null
          and n.type in ('daily_summary', 'weekly_summary')
        order by n.digest_day desc
        limit 1
      ), '-infinity') as since
    ) span
    cross join lateral (
      select count(*)::int as count,
        coalesce(sum(e.amount_minor) filter (where e.currency = t.currency), 0)::text as total_minor,
        json_agg(json_build_array(e.amount_minor::text, e.currency, e.day))
          filter (where e.currency <> t.currency) as foreign_expenses
      from expenses e
      where e.tenant_id = k.tenant_id and e.user_id = k.user_id and e.posted_at > span.since
        and e.posted_at <= k.until and e.day < k.before
    ) late
    order by k.position`.execute(sql);
  return rows;
}

/** An expense without a rate is left out, as of any figure. */
function toLate(row: Row, rates: Rates): LateFigures | null {
  const amounts = (row.foreign_expenses ?? []).map(([amount, currency, day]) =>
    rates.convert({ amountMinor: BigInt(amount), currency, day }, row.currency),
  );
  const count = row.count - amounts.filter((amount) => amount === null).length;
  if (count === 0) return null;
  const total = amounts.reduce<bigint>((sum, amount) => sum + (amount ?? 0n), BigInt(row.total_minor));
  const levels = (row.levels ?? []).map(({ periodStart: start, periodEnd: end, ...level }) => ({
    ...level,
    period: { start, end },
  }));
  return { count, totalMinor: total.toString(), levels };
}
