/** Lists a page of the categories of a person's expenses and rules, with their names. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';
import type { PersonRef } from '../../values/refs.ts';

export type OwnCategory = { id: string; name: string | null };

/**
 * By id, after that of the page before. Transfers count in no daily sum, and are read by themselves. Rides on the primary key
 * of `daily_spend`, on `expenses_user_day` and on `smart_alert_rules_user`.
 */
export async function listCategories(
  sql: Sql,
  { tenantId, userId }: PersonRef,
  { after, limit }: { after: string | null; limit: number },
): Promise<OwnCategory[]> {
  const { rows } = await statement<OwnCategory>`
    select used.id, c.name
    from (
      select d.category_id as id
      from daily_spend d
      where d.tenant_id = ${tenantId} and d.user_id = ${userId} and d.expense_count <> 0
      union
      select e.category_id
      from expenses e
      where e.tenant_id = ${tenantId} and e.user_id = ${userId} and e.day is null
      union
      select named.id
      from smart_alert_rules r
      cross join unnest(array[r.category_id] || r.category_ids || r.exclude_categories) as named (id)
      where r.tenant_id = ${tenantId} and r.user_id = ${userId} and named.id is not null
    ) used
    left join categories c on c.tenant_id = ${tenantId} and c.id = used.id
    where ${after}::text is null or used.id collate "C" > ${after}::text
    order by used.id collate "C"
    limit ${limit}`.execute(sql);
  return rows;
}
