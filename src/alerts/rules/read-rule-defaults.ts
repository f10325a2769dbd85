/** Reads the defaults of a new rule: the tenant's currency and the names of the categories. */
import { sql as statement } from 'kysely';
import { findCategoryNames } from '../../accounts/categories.ts';
import type { Sql } from '../../runtime/database/database.ts';

/** `categoryNames`: by id, without those that have none. Rides on the primary keys. */
export async function readRuleDefaults(
  sql: Sql,
  tenantId: string,
  categoryIds: readonly string[],
): Promise<{ currency: string; categoryNames: ReadonlyMap<string, string> }> {
  const { rows } = await statement<{ currency: string }>`
    select currency from tenants where id = ${tenantId}`.execute(sql);
  const [row] = rows;
  if (!row) throw new Error('no such tenant');
  const names = await findCategoryNames(
    sql,
    categoryIds.map((id) => ({ tenantId, id })),
  );
  return { currency: row.currency, categoryNames: names(tenantId) };
}
