/** Reads the budget progress of many people's active rules. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';
import { readProgress, type RuleProgress, selectRules, type StoredRule } from './read-progress.ts';
import { personKey, type PersonRef } from '../../values/refs.ts';

/**
 * Returns the budget progress by `personKey`, without people who have no active rule. Rides on
 * `smart_alert_rules_active` and on the indexes of `readProgress`.
 */
export async function readCurrentSpending(
  sql: Sql,
  people: readonly PersonRef[],
  now: Temporal.Instant,
): Promise<Map<string, RuleProgress[]>> {
  if (people.length === 0) return new Map();
  const { rows } = await statement<StoredRule>`
    ${selectRules}
    where r.is_active and (r.tenant_id, r.user_id) in (
      select tenant_id, user_id from unnest(
        ${people.map(({ tenantId }) => tenantId)}::uuid[],
        ${people.map(({ userId }) => userId)}::text[]
      ) as asked (tenant_id, user_id)
    )
    order by r.created_at desc, r.id`.execute(sql);
  const progress = await readProgress(sql, rows, now);
  return Map.groupBy(progress, ({ rule }) => personKey(rule));
}
