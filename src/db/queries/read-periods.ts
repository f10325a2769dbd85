/** Reads where rule periods stand: their spending, and the state of their levels. */
import { sql as statement } from 'kysely';
import type { LevelState } from '../../domain/alert.ts';
import type { Period } from '../../domain/period.ts';
import type { Rule } from '../../domain/rule.ts';
import type { Sql } from '../database.ts';

export type PeriodKey = { rule: Rule; period: Period };

/**
 * `spentMinor`: what the increments say; null where the period was never measured. `measuredMinor`: the sum
 * of the daily totals, read where it is not known or was asked for.
 */
export type PeriodStanding = {
  spentMinor: bigint | null;
  measuredMinor: bigint | null;
  states: LevelState[];
};

type Row = {
  spent_minor: string | null;
  measured_minor: string | null;
  states: { level: number; isOpen: boolean; notifiedAt: string | null; renotifyAt: string | null }[] | null;
};

/**
 * In the order of `keys`. The rules' people are locked by the caller, so what is read stays true. Rides on
 * the primary keys of `rule_spend`, `daily_spend` and `alert_states`.
 */
export async function readPeriods(
  sql: Sql,
  keys: readonly PeriodKey[],
  mustMeasure: (index: number) => boolean,
): Promise<PeriodStanding[]> {
  const column = <T>(read: (key: PeriodKey, index: number) => T): T[] => keys.map(read);
  const { rows } = await statement<Row>`
    select s.spent_minor, m.measured_minor, a.states
    from unnest(
      ${column(({ rule }) => rule.tenantId)}::uuid[],
      ${column(({ rule }) => rule.id)}::uuid[],
      ${column(({ period }) => period.start)}::date[],
      ${column(({ period }) => period.end)}::date[],
      ${column(({ rule }) => rule.userId)}::text[],
      ${column(({ rule }) => rule.categoryId)}::text[],
      ${column(({ rule }) => rule.currency)}::text[],
      ${column((_key, index) => mustMeasure(index))}::boolean[]
    ) with ordinality as k (tenant_id, rule_id, period_start, period_end, user_id, category_id, currency,
      must_measure, position)
    left join rule_spend s using (tenant_id, rule_id, period_start, period_end)
    left join lateral (
      select coalesce(sum(d.amount_minor), 0) as measured_minor
      from daily_spend d
      where d.tenant_id = k.tenant_id and d.user_id = k.user_id
        and d.day >= k.period_start and d.day < k.period_end
        and d.currency = k.currency and (k.category_id is null or d.category_id = k.category_id)
    ) m on k.must_measure or s.spent_minor is null
    left join lateral (
      select json_agg(json_build_object('level', level, 'isOpen', is_open, 'notifiedAt', notified_at,
        'renotifyAt', renotify_at)) as states
      from alert_states a
      where a.tenant_id = k.tenant_id and a.rule_id = k.rule_id
        and a.period_start = k.period_start and a.period_end = k.period_end
    ) a on true
    order by k.position`.execute(sql);
  return rows.map(toStanding);
}

const toStanding = (row: Row): PeriodStanding => ({
  spentMinor: row.spent_minor === null ? null : BigInt(row.spent_minor),
  measuredMinor: row.measured_minor === null ? null : BigInt(row.measured_minor),
  states: (row.states ?? []).map((state) => ({
    level: state.level,
    isOpen: state.isOpen,
    notifiedAt: state.notifiedAt === null ? null : Temporal.Instant.from(state.notifiedAt),
    renotifyAt: state.renotifyAt === null ? null : Temporal.Instant.from(state.renotifyAt),
  })),
});
