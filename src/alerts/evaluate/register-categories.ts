/** Registers the categories that events name. A category exists from the first such event on. */
import { sql as statement } from 'kysely';
import type { ExpenseEvent } from '../decide/apply-events.ts';
import type { Sql } from '../../runtime/database/database.ts';

/** Rides on the primary key. */
export async function registerCategories(sql: Sql, events: readonly ExpenseEvent[]): Promise<void> {
  const seen = new Map(
    events.flatMap(({ tenantId, expense }) =>
      expense ? [[`${tenantId} ${expense.categoryId}`, { tenantId, id: expense.categoryId }]] : [],
    ),
  );
  if (seen.size === 0) return;
  const categories = [...seen.values()];
  await statement`
    insert into categories (tenant_id, id)
    select tenant_id, id
    from unnest(
      ${categories.map(({ tenantId }) => tenantId)}::uuid[],
      ${categories.map(({ id }) => id)}::text[]
    ) as c (tenant_id, id)
    order by tenant_id, id
    on conflict do nothing`.execute(sql);
}
