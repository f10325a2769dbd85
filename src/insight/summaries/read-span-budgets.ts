/** Reads the budget progress of people's active rules at the end of spans of their days. */
import { sql as statement } from 'kysely';
import { type Period, periodContaining } from '../../values/period.ts';
import { inPeriod } from '../../alerts/decide/rollover.ts';
import type { Rule } from '../../alerts/decide/rule.ts';
import { type BudgetFigures, lastDayOf } from '../decide/summary.ts';
import type { Sql } from '../../runtime/database/database.ts';
import {
  measureSpending,
  type Measured,
  selectSpending,
  type Spending,
} from '../../alerts/spending/measure-spending.ts';
import type { AskedSpan } from './read-span-spending.ts';
import { readActiveRules } from '../../alerts/rules/read-active-rules.ts';
import { personKey } from '../../values/refs.ts';
import { percentOfBudget } from '../../values/figures.ts';
import { columnOf } from '../../runtime/database/column-of.ts';

type Asked = { rule: Rule; index: number; measured: Period };

/** `leftBeforeMinor`: of the period before, if this one carries it. */
type SpentInSpan = Spending & { leftBeforeMinor: bigint | null };

/**
 * In the order of `asked`, each sorted by percentage, the highest first. The period is the one that contains
 * the span's last day; a rule that has none is left out. Spending counts up to and including that day. A span that still runs counts everything
 * dated in the period.
 */
export async function readSpanBudgets(
  sql: Sql,
  asked: readonly AskedSpan[],
  isRunning: (each: AskedSpan) => boolean,
): Promise<BudgetFigures[][]> {
  const people = new Map(asked.map((each) => [personKey(each), each]));
  const rules = await readActiveRules(sql, [...people.values()]);
  const wanted = asked.flatMap((each, index) =>
    (rules.get(personKey(each)) ?? []).flatMap((rule) => {
      const measured = measuredOf(rule, each, isRunning(each));
      return measured ? [{ rule, index, measured }] : [];
    }),
  );
  const spent = await readSpent(sql, wanted);
  const budgets = wanted.map(({ rule, index }, position) => ({
    index,
    figures: toFigures(rule, spent[position] ?? { leftBeforeMinor: null, spentMinor: 0n, unrated: [] }),
  }));
  const byIndex = Map.groupBy(budgets, ({ index }) => index);
  return asked.map((_, index) => (byIndex.get(index) ?? []).map(({ figures }) => figures).sort(fullestFirst));
}

function measuredOf(rule: Rule, { span }: AskedSpan, isRunning: boolean): Period | null {
  const period = periodContaining(rule.period, lastDayOf(span));
  if (!period) return null;
  const { start, end } = period;
  return { start, end: isRunning || end < span.end ? end : span.end };
}

/** Rides on the primary keys of `smart_alert_rules` and `rule_spend`, and the indexes of `selectSpending`. */
async function readSpent(sql: Sql, wanted: readonly Asked[]): Promise<SpentInSpan[]> {
  if (wanted.length === 0) return [];
  const column = columnOf(wanted);
  const { rows } = await statement<Measured & { left_before: string | null }>`
    select m.*, s.left_before
    from unnest(
      ${column(({ rule }) => rule.tenantId)}::uuid[],
      ${column(({ rule }) => rule.id)}::uuid[],
      ${column(({ measured }) => measured.start)}::date[],
      ${column(({ measured }) => measured.end)}::date[]
    ) with ordinality as k (tenant_id, rule_id, period_start, period_end, position)
    join smart_alert_rules r on r.tenant_id = k.tenant_id and r.id = k.rule_id
    cross join lateral (${selectSpending(statement.ref('r'), statement.ref('k'), statement`true`)}) m
    left join rule_spend s on s.tenant_id = k.tenant_id and s.rule_id = k.rule_id and s.period_start = k.period_start
    order by k.position`.execute(sql);
  return (await measureSpending(sql, rows)).map(({ measured, left_before }) => ({
    ...measured,
    leftBeforeMinor: left_before === null ? null : BigInt(left_before),
  }));
}

function toFigures(rule: Rule, { spentMinor, unrated, leftBeforeMinor }: SpentInSpan): BudgetFigures {
  const { id, name, budgetMinor, currency } = inPeriod(rule, leftBeforeMinor);
  const percent = percentOfBudget(spentMinor, budgetMinor);
  return {
    ruleId: id,
    name,
    spentMinor: spentMinor.toString(),
    budgetMinor: budgetMinor.toString(),
    currency,
    pct: percent === null ? null : Number(percent),
    unrated: unrated.length,
  };
}

/** A budget of nothing is fuller than any. */
const fullestFirst = (one: BudgetFigures, other: BudgetFigures): number =>
  (other.pct ?? Number.MAX_VALUE) - (one.pct ?? Number.MAX_VALUE) || (one.ruleId < other.ruleId ? -1 : 1);
