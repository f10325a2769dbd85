/** Ends the recommendations that nobody took up in time. */
import { sql as statement } from 'kysely';
import type { Database } from '../../runtime/database/database.ts';

/**
 * At most `limit`, and answers how many; passes over people whom somebody holds, as theirs read as expired
 * either way. Rides on `smart_recommendations_expiring` and the primary keys.
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
