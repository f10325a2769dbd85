/** Lists a tenant's people with active rules, the last to change one first. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';

/** Reads all active rules of the tenant. Rides on `smart_alert_rules_active`. */
export async function listRuleOwners(sql: Sql, tenantId: string, limit: number): Promise<string[]> {
  const { rows } = await statement<{ user_id: string }>`
    select user_id
    from smart_alert_rules
    where tenant_id = ${tenantId} and is_active
    group by user_id
    order by max(updated_at) desc
    limit ${limit}`.execute(sql);
  return rows.map(({ user_id }) => user_id);
}
