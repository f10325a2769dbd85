/** Reads the defaults of a new rule: the tenant's currency and the category's name. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';

/** `categoryName` is null if `categoryId` is null or the category has no name. Rides on the primary keys. */
export async function readRuleDefaults(
  sql: Sql,
  tenantId: string,
  categoryId: string | null,
): Promise<{ currency: string; categoryName: string | null }> {
  const { rows } = await statement<{ currency: string; name: string | null }>`
    select t.currency, c.name
    from tenants t
    left join categories c on c.tenant_id = t.id and c.id = ${categoryId}
    where t.id = ${tenantId}`.execute(sql);
  const [row] = rows;
  if (!row) throw new Error('no such tenant');
  return { currency: row.currency, categoryName: row.name };
}
