/** Reads the definitions of a person's rules. They may be cached, as they hold no spending. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';
import { selectRules, type StoredRule } from './read-progress.ts';
import type { PersonRef } from '../../values/refs.ts';

/** Returns at most `limit` rules, newest first. Rides on `smart_alert_rules_user`. */
export async function readRuleDefinitions(
  sql: Sql,
  { tenantId, userId }: PersonRef,
  limit: number,
): Promise<StoredRule[]> {
  const { rows } = await statement<StoredRule>`
    ${selectRules}
    where r.tenant_id = ${tenantId} and r.user_id = ${userId}
    order by r.created_at desc, r.id
    limit ${limit}`.execute(sql);
  return rows;
}
