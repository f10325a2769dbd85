/** How the active rules of many people stand today. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';
import { readProgress, type RuleProgress, selectRules, type StoredRule } from './read-progress.ts';
import { personKey, type PersonRef } from '../../values/refs.ts';

/**
 * By `personKey`; who has no active rule is not in it. Rides on `smart_alert_rules_active` and what
 * `readStanding` rides on.
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
  const standings = await readProgress(sql, rows, now);
  return Map.groupBy(standings, ({ rule }) => personKey(rule));
}
