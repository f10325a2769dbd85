/** Accepts or dismisses a recommendation. The saving of an accepted one is measured from then on. */
import { baselineOf, measuredFrom } from '../decide/measurement.ts';
import { localDay } from '../../values/period.ts';
import type { Database } from '../../runtime/database/database.ts';
import { lockPerson, type Person } from '../../accounts/people.ts';
import { readRecommendation, type StoredRecommendation } from './read-recommendation.ts';
import type { PersonRef } from '../../values/refs.ts';

/** `reason` is the person's own text. */
export type RecommendationDecision = { status: 'accepted' } | { status: 'dismissed'; reason: string | null };

/**
 * Returns the recommendation afterwards: as decided now or earlier, or in the status that prevented the
 * decision. The first reason stays. Undefined if the person has no such recommendation. Rides on the primary
 * key.
 */
export function decideRecommendation(
  db: Database,
  ref: PersonRef,
  recommendationId: string,
  decision: RecommendationDecision,
  now: Temporal.Instant,
): Promise<StoredRecommendation | undefined> {
  return db.transaction([ref.tenantId], async (sql) => {
    const person = await lockPerson(sql, ref);
    const found = await readRecommendation(sql, person, recommendationId, now);
    if (found?.status !== 'suggested') return found;
    await sql
      .updateTable('smart_recommendations')
      .set({
        status: decision.status,
        decided_at: now.toString(),
        updated_at: now.toString(),
        ...(decision.status === 'accepted'
          ? beginMeasuring(person, found, now)
          : { dismiss_reason: decision.reason }),
      })
      .where('tenant_id', '=', person.tenantId)
      .where('id', '=', found.id)
      .execute();
    return readRecommendation(sql, person, recommendationId, now);
  });
}

/** The baseline is compared with the three months that have ended at `measure_at`. */
const beginMeasuring = (
  person: Person,
  { evidence }: StoredRecommendation,
  now: Temporal.Instant,
): { baseline_minor: string; measure_at: string } => ({
  baseline_minor: baselineOf(evidence),
  measure_at: measuredFrom(localDay(now, person.timeZone), person.timeZone).toString(),
});
