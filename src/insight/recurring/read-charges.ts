/** Reads the expenses among which recurring charges are looked for. */
import { sql as statement } from 'kysely';
import type { Charge } from '../decide/recurring.ts';
import type { Sql } from '../../runtime/database/database.ts';
import type { AskedDays } from '../spending/read-day-spending.ts';

/** One row for each spelling of a merchant. The lists are in one order. */
type Row = {
  user_id: string;
  merchant: string | null;
  merchant_source: string | null;
  merchant_id: string | null;
  currency: string;
  ids: string[];
  days: string[];
  amounts: string[];
  category_ids: string[];
};

/**
 * Keyed by person, in their own currencies. Pending expenses are left out, as are transfers, cash and expenses without a
 * merchant. Rides on `expenses_user_day`.
 */
export async function readCharges(
  sql: Sql,
  tenantId: string,
  asked: readonly AskedDays[],
): Promise<Map<string, Charge[]>> {
  const { rows } = await statement<Row>`
    select e.user_id, e.merchant, e.merchant_source, e.merchant_id, e.currency, array_agg(e.id) as ids,
      array_agg(e.day::text) as days, array_agg(e.amount_minor::text) as amounts,
      array_agg(e.category_id) as category_ids
    from unnest(
      ${asked.map(({ userId }) => userId)}::text[],
      ${asked.map(({ firstDay }) => firstDay)}::date[],
      ${asked.map(({ lastDay }) => lastDay)}::date[]
    ) as asked (user_id, first_day, last_day)
    join expenses e on e.tenant_id = ${tenantId} and e.user_id = asked.user_id
      and e.day between asked.first_day and asked.last_day
    where e.status is distinct from 'pending' and e.kind is distinct from 'transfer' and e.kind is distinct from 'cash'
      and (e.merchant is not null or e.merchant_id is not null)
    group by e.user_id, e.merchant, e.merchant_source, e.merchant_id, e.currency`.execute(sql);
  const byPerson = Map.groupBy(rows, ({ user_id }) => user_id);
  return new Map([...byPerson].map(([userId, own]) => [userId, own.flatMap(toCharges)]));
}

const toCharges = (row: Row): Charge[] =>
  row.ids.map((expenseId, index) => ({
    expenseId,
    categoryId: row.category_ids[index] ?? '',
    merchant: row.merchant,
    merchantRef:
      row.merchant_source === null || row.merchant_id === null
        ? null
        : { source: row.merchant_source, id: row.merchant_id },
    day: row.days[index] ?? '',
    amountMinor: BigInt(row.amounts[index] ?? 0),
    currency: row.currency,
  }));
