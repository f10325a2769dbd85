/** Reads what lies ahead of people, for their digests: bills that are due, and budgets that will probably not do. */
import { sql as statement } from 'kysely';
import { budgetInPeriod } from '../../alerts/spending/budget-in-period.ts';
import { forecastRow, type ForecastRow, toForecast } from '../../alerts/spending/read-forecasts.ts';
import { reachedAt } from '../../alerts/decide/rule.ts';
import { columnOf } from '../../runtime/database/column-of.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { probabilityOfReaching, rangeOf, unlikely } from '../../values/forecast.ts';
import type { PersonRef } from '../../values/refs.ts';
import type { AheadFigures, BudgetAhead } from '../decide/summary.ts';

/** `day`: the local day of the digest. */
export type AskedAhead = PersonRef & { day: string };

/** Today and the six days after it. */
const dueWithinDays = 7;

type BudgetRow = {
  name: string;
  currency: string;
  spentMinor: string;
  budgetMinor: string;
  forecast: ForecastRow;
};

type Row = {
  due: AheadFigures['due'] | null;
  set_aside: AheadFigures['setAside'] | null;
  budgets: BudgetRow[] | null;
};

/** A bill that comes each quarter or year, by the month. */
const byMonth = statement`round(amount_minor / case cadence when 'quarterly' then 3.0 else 12.0 end)`;

/**
 * In the order of `asked`; null where nothing lies ahead. Rides on `recurring_charges_user`, `rule_forecasts_user` and
 * primary keys.
 */
export async function readAhead(sql: Sql, asked: readonly AskedAhead[]): Promise<(AheadFigures | null)[]> {
  if (asked.length === 0) return [];
  const column = columnOf(asked);
  const isBill = statement`c.tenant_id = k.tenant_id and c.user_id = k.user_id and c.decision is distinct from 'ignored'
    and (c.state in ('active', 'late') or c.decision = 'confirmed' and c.state <> 'ended')`;
  const { rows } = await statement<Row>`
    select (
      select json_agg(json_build_object('merchant', c.merchant, 'amountMinor', c.amount_minor::text,
        'currency', c.currency, 'day', c.next_day) order by c.next_day, c.merchant)
      from recurring_charges c
      where ${isBill} and c.next_day >= k.day and c.next_day < k.day + ${dueWithinDays}::int
    ) as due, (
      select json_agg(json_build_object('currency', currency, 'monthlyMinor', monthly::text) order by currency)
      from (
        select c.currency, sum(${byMonth}) as monthly
        from recurring_charges c
        where ${isBill} and c.cadence in ('quarterly', 'yearly')
        group by c.currency
      ) bills
    ) as set_aside, (
      select json_agg(json_build_object('name', r.name, 'currency', r.currency, 'spentMinor', s.spent_minor::text,
        'budgetMinor', (${budgetInPeriod(statement.ref('r'), statement.ref('s.left_before'))})::text,
        'forecast', ${forecastRow}) order by r.created_at, r.id)
      from rule_forecasts f
      join smart_alert_rules r on r.tenant_id = f.tenant_id and r.id = f.rule_id and r.is_active
      join rule_spend s on s.tenant_id = f.tenant_id and s.rule_id = f.rule_id
        and s.period_start = f.period_start and s.period_end = f.period_end
      where f.tenant_id = k.tenant_id and f.user_id = k.user_id and f.period_start <= k.day and f.period_end > k.day
    ) as budgets
    from unnest(
      ${column(({ tenantId }) => tenantId)}::uuid[],
      ${column(({ userId }) => userId)}::text[],
      ${column(({ day }) => day)}::date[]
    ) with ordinality as k (tenant_id, user_id, day, position)
    order by k.position`.execute(sql);
  return rows.map(toAhead);
}

function toAhead({ due, set_aside: setAside, budgets }: Row): AheadFigures | null {
  const endangered = (budgets ?? []).flatMap(inDanger);
  if (!due && !setAside && endangered.length === 0) return null;
  return { due: due ?? [], setAside: setAside ?? [], budgets: endangered };
}

/** A budget that is used up already has had its alert. */
function inDanger({ name, currency, forecast: row, ...amounts }: BudgetRow): BudgetAhead[] {
  const [spentMinor, budgetMinor] = [BigInt(amounts.spentMinor), BigInt(amounts.budgetMinor)];
  const targetMinor = reachedAt(100, budgetMinor);
  const forecast = toForecast(row);
  if (spentMinor >= targetMinor || probabilityOfReaching(forecast, { spentMinor, targetMinor }) < unlikely)
    return [];
  return [{ name, currency, budgetMinor: budgetMinor.toString(), ...rangeOf(forecast, spentMinor) }];
}
