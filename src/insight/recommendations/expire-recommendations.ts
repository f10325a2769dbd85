/** Expires the recommendations that were not answered in time. */
import { sql as statement } from 'kysely';
import type { Database } from '../../runtime/database/database.ts';

/**
 * Expires at most `limit` and returns how many. People locked by another transaction are skipped, because
 * their recommendations read as expired anyway. Rides on `smart_recommendations_expiring` and the primary
 * keys.
 */
export async function expireDueRecommendations(
  db: Database,
  tenantIds: readonly string[],
  limit: number,
  now: Temporal.Instant,
): Promise<number> {
  const { numAffectedRows } = await db.transaction(tenantIds, (sql) =>
    statement`
      with due as (
        select r.tenant_id, r.id
        from smart_recommendations r
        join users u on u.tenant_id = r.tenant_id and u.id = r.user_id
        where r.tenant_id = any(${tenantIds}::uuid[]) and r.status = 'suggested'
          and r.expires_at <= ${now.toString()}
        limit ${limit}
        for no key update skip locked
      )
      update smart_recommendations r set status = 'expired', updated_at = ${now.toString()}
      from due
      where r.tenant_id = due.tenant_id and r.id = due.id`.execute(sql),
  );
  return Number(numAffectedRows ?? 0n);
}
