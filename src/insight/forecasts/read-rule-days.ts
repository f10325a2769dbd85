/** Reads the spending of rules by day, for statistics: in the rule's currency, converted by day where it was in another. */
import { sql as statement } from 'kysely';
import type { Rule } from '../../alerts/decide/rule.ts';
import { isExcludedMerchant } from '../../alerts/decide/scope.ts';
import { coversCategory } from '../../alerts/spending/covers-category.ts';
import { readRates } from '../../alerts/spending/read-rates.ts';
import { columnOf } from '../../runtime/database/column-of.ts';
import type { Sql } from '../../runtime/database/database.ts';
import type { Period } from '../../values/period.ts';
import type { DaySum } from '../decide/forecast/daily-sums.ts';
import { dayNumber } from '../decide/recurring-schedule.ts';

/** `from`: the first day that is read. `hour`: of the person's local time. */
export type AskedRule = { rule: Rule; period: Period; today: string; hour: number; from: string };

/** `days`: those with expenses, in order, until `today`. `spentMinor`: the kept sum of the period; null if there is none. */
export type RuleDays = { days: DaySum[]; spentMinor: bigint | null };

type Row = {
  rule_id: string;
  spent_minor: string | null;
  days: [day: string, currency: string, amountMinor: string, count: number][] | null;
};

/**
 * Keyed by rule. The rules belong to one tenant. Rides on the primary keys of `daily_spend` and `rule_spend`, and on
 * `expenses_user_day` where merchants are excluded.
 */
export async function readRuleDays(sql: Sql, asked: readonly AskedRule[]): Promise<Map<string, RuleDays>> {
  const rows = await readRows(sql, asked);
  const excluded = await readExcluded(sql, asked);
  const byId = new Map(asked.map((each) => [each.rule.id, each]));
  const all = rows.map((row) => ({
    ...row,
    days: [...(row.days ?? []), ...(excluded.get(row.rule_id) ?? [])],
  }));
  const rates = await readRates(
    sql,
    all.flatMap(({ rule_id, days }) => {
      const { tenantId = '', currency: to = '' } = byId.get(rule_id)?.rule ?? {};
      return days
        .filter(([, currency]) => currency !== to)
        .map(([day, from]) => ({ tenantId, day, from, to }));
    }),
  );
  return new Map(
    all.map(({ rule_id, spent_minor, days }) => {
      const { tenantId = '', currency = '' } = byId.get(rule_id)?.rule ?? {};
      const sums = new Map<string, DaySum>();
      for (const [day, from, amount, count] of days) {
        const own = { amountMinor: BigInt(amount), currency: from, day };
        const minor = from === currency ? own.amountMinor : rates(tenantId).convert(own, currency);
        if (minor === null) continue;
        const sum = sums.get(day) ?? { number: dayNumber(day), amount: 0, purchases: 0 };
        sums.set(day, { ...sum, amount: sum.amount + Number(minor), purchases: sum.purchases + count });
      }
      const inOrder = [...sums.values()].toSorted((one, other) => one.number - other.number);
      return [rule_id, { days: inOrder, spentMinor: spent_minor === null ? null : BigInt(spent_minor) }];
    }),
  );
}

async function readRows(sql: Sql, asked: readonly AskedRule[]): Promise<Row[]> {
  const column = columnOf(asked);
  const { rows } = await statement<Row>`
    select r.id as rule_id, k.spent_minor, (
      select jsonb_agg(jsonb_build_array(d.day, d.currency, d.amount_minor::text, d.expense_count))
      from daily_spend d
      where d.tenant_id = r.tenant_id and d.user_id = r.user_id and d.day between given.from_day and given.today
        and d.expense_count <> 0 and ${coversCategory(statement.ref('r'), statement.ref('d.category_id'))}
    ) as days
    from unnest(
      ${column(({ rule }) => rule.tenantId)}::uuid[],
      ${column(({ rule }) => rule.id)}::uuid[],
      ${column(({ from }) => from)}::date[],
      ${column(({ today }) => today)}::date[],
      ${column(({ period }) => period.start)}::date[],
      ${column(({ period }) => period.end)}::date[]
    ) as given (tenant_id, id, from_day, today, period_start, period_end)
    join smart_alert_rules r on r.tenant_id = given.tenant_id and r.id = given.id
    left join rule_spend k on k.tenant_id = r.tenant_id and k.rule_id = r.id
      and k.period_start = given.period_start and k.period_end = given.period_end`.execute(sql);
  return rows;
}

type Excluded = {
  rule_id: string;
  merchant: string | null;
  merchant_id: string | null;
  days: NonNullable<Row['days']>;
};

/** What must be taken away again: the spending at merchants that a rule excludes, with its sign turned. Keyed by rule. */
async function readExcluded(
  sql: Sql,
  asked: readonly AskedRule[],
): Promise<Map<string, NonNullable<Row['days']>>> {
  const excluding = asked.filter(({ rule }) => rule.excludeMerchants.length > 0);
  if (excluding.length === 0) return new Map();
  const column = columnOf(excluding);
  const { rows } = await statement<Excluded>`
    select m.rule_id, m.merchant, m.merchant_id,
      jsonb_agg(jsonb_build_array(m.day, m.currency, (-m.amount_minor)::text, -m.count)) as days
    from (
      select r.id as rule_id, e.merchant, e.merchant_id, e.day, e.currency, sum(e.amount_minor) as amount_minor,
        count(*)::int as count
      from unnest(
        ${column(({ rule }) => rule.tenantId)}::uuid[],
        ${column(({ rule }) => rule.id)}::uuid[],
        ${column(({ from }) => from)}::date[],
        ${column(({ today }) => today)}::date[]
      ) as given (tenant_id, id, from_day, today)
      join smart_alert_rules r on r.tenant_id = given.tenant_id and r.id = given.id
      join expenses e on e.tenant_id = r.tenant_id and e.user_id = r.user_id
        and e.day between given.from_day and given.today
        and ${coversCategory(statement.ref('r'), statement.ref('e.category_id'))}
      group by r.id, e.merchant, e.merchant_id, e.day, e.currency
    ) m
    group by m.rule_id, m.merchant, m.merchant_id`.execute(sql);
  const rules = new Map(excluding.map(({ rule }) => [rule.id, rule]));
  const left = rows.filter(({ rule_id, merchant, merchant_id: merchantId }) =>
    isExcludedMerchant(rules.get(rule_id)?.excludeMerchants ?? [], { merchant, merchantId }),
  );
  return new Map(
    [...Map.groupBy(left, ({ rule_id }) => rule_id)].map(([id, own]) => [
      id,
      own.flatMap(({ days }) => days),
    ]),
  );
}
