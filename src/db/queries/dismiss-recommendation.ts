/** A person declines a recommendation. */
import type { Database } from '../database.ts';
import { lockPerson, type PersonRef } from './lock-people.ts';
import { readRecommendation, type StoredRecommendation } from './read-recommendation.ts';

/**
 * What it is afterwards: dismissed, now or before (the first reason stays), or whatever stood in the way;
 * undefined where the person has no such recommendation. Rides on the primary key.
 */
export function dismissRecommendation(
  db: Database,
  ref: PersonRef,
  recommendationId: string,
  reason: string | null,
  now: Temporal.Instant,
): Promise<StoredRecommendation | undefined> {
  return db.transaction([ref.tenantId], async (sql) => {
    const person = await lockPerson(sql, ref);
    const found = await readRecommendation(sql, person, recommendationId, now);
    if (found?.status !== 'suggested') return found;
    await sql
      .updateTable('smart_recommendations')
      .set({
        status: 'dismissed',
        decided_at: now.toString(),
        updated_at: now.toString(),
        dismiss_reason: reason,
      })
      .where('tenant_id', '=', person.tenantId)
      .where('id', '=', recommendationId)
      .execute();
    return readRecommendation(sql, person, recommendationId, now);
  });
}
