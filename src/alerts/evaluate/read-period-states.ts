/** Reads period states: the spending of a rule in a period, and the states of its levels. */
import { sql as statement } from 'kysely';
import type { LevelState } from '../decide/evaluation.ts';
import type { Period } from '../../values/period.ts';
import type { Rule } from '../decide/rule.ts';
import type { Sql } from '../../runtime/database/database.ts';
import {
  measureSpending,
  type WithMeasured,
  type Measured,
  selectSpending,
  type Spending,
} from '../spending/measure-spending.ts';
import { columnOf } from '../../runtime/database/column-of.ts';

export type PeriodKey = { rule: Rule; period: Period };

/**
 * `spentMinor`: the sum kept by increments; null if the period was never measured. `measured`: the sum measured from
 * the daily totals and expenses. It is zero if a kept sum exists and no measurement was asked for.
 */
export type PeriodState = {
  spentMinor: bigint | null;
  /** What was left of the budget of the period before, as it was last carried over. */
  leftBeforeMinor: bigint | null;
  measured: Spending;
  states: LevelState[];
};

type Row = Measured & {
  spent_minor: string | null;
  left_before: string | null;
  states: StateRow[] | null;
};

type StateRow = Omit<LevelState, 'notifiedAt' | 'alertedAt' | 'renotifyAt'> & {
  notifiedAt: string | null;
  alertedAt: string | null;
  renotifyAt: string | null;
};

/**
 * Keeps the order of `keys`. The caller holds the lock on the exchange rates and has locked the rules' people, so
 * the states stay valid. The rules are stored as they are given. Rides on the primary keys of `smart_alert_rules`, `rule_spend`, `alert_states` and `notification_history`, and on the indexes of
 * `selectSpending`.
 */
export async function readPeriodStates(
  sql: Sql,
  keys: readonly PeriodKey[],
  mustMeasure: (index: number) => boolean,
): Promise<PeriodState[]> {
  const asked = statement.ref('k');
  const column = columnOf(keys);
  const { rows } = await statement<Row>`
    select s.spent_minor, s.left_before, m.*, a.states
    from unnest(
      ${column(({ rule }) => rule.tenantId)}::uuid[],
      ${column(({ rule }) => rule.id)}::uuid[],
      ${column(({ period }) => period.start)}::date[],
      ${column(({ period }) => period.end)}::date[],
      ${column((_key, index) => mustMeasure(index))}::boolean[]
    ) with ordinality as k (tenant_id, rule_id, period_start, period_end, must_measure, position)
    left join rule_spend s using (tenant_id, rule_id, period_start, period_end)
    join smart_alert_rules r on r.tenant_id = k.tenant_id and r.id = k.rule_id
    cross join lateral (
      ${selectSpending(statement.ref('r'), asked, statement`k.must_measure or s.spent_minor is null`)}
    ) m
    left join lateral (
      select json_agg(json_build_object('level', level, 'isOpen', is_open, 'notifiedAt', notified_at,
        'alertedAt', (
          select n.created_at from notification_history n
          where n.tenant_id = a.tenant_id and n.id = a.notification_id and n.status = 'pending'
        ), 'hasAlert', is_open and notification_id is not null,
        'isHeard', is_open and coalesce(is_heard, notified_at is not null),
        'renotifyAt', renotify_at)) as states
      from alert_states a
      where a.tenant_id = k.tenant_id and a.rule_id = k.rule_id
        and a.period_start = k.period_start and a.period_end = k.period_end
    ) a on true
    order by k.position`.execute(sql);
  return (await measureSpending(sql, rows)).map(toPeriodState);
}

const toPeriodState = (row: WithMeasured<Row>): PeriodState => ({
  spentMinor: row.spent_minor === null ? null : BigInt(row.spent_minor),
  leftBeforeMinor: row.left_before === null ? null : BigInt(row.left_before),
  measured: row.measured,
  states: (row.states ?? []).map((state) => ({
    ...state,
    notifiedAt: instantOf(state.notifiedAt),
    alertedAt: instantOf(state.alertedAt),
    renotifyAt: instantOf(state.renotifyAt),
  })),
});

const instantOf = (text: string | null): Temporal.Instant | null =>
  text === null ? null : Temporal.Instant.from(text);
