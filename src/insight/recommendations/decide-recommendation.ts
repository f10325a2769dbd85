/** Accepts or dismisses a recommendation. The saving of an accepted one is measured from then on. */
import { baselineOf, measuredFrom } from '../decide/measurement.ts';
import { firstDayLookedAt } from '../decide/months.ts';
import { localDay } from '../../values/period.ts';
import type { Database, Sql } from '../../runtime/database/database.ts';
import { lockPerson, type Person } from '../../accounts/people.ts';
import { readDaySpending } from '../spending/read-day-spending.ts';
import { readFirstDays } from '../spending/read-first-days.ts';
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
          ? await beginMeasuring(sql, person, found, now)
          : { dismiss_reason: decision.reason }),
      })
      .where('tenant_id', '=', person.tenantId)
      .where('id', '=', found.id)
      .execute();
    return readRecommendation(sql, person, recommendationId, now);
  });
}

/** The baseline is compared with the three months that have ended at `measure_at`. */
async function beginMeasuring(
  sql: Sql,
  person: Person,
  { categoryId, currency, evidence }: StoredRecommendation,
  now: Temporal.Instant,
): Promise<{ baseline_minor: string; measure_at: string }> {
  const today = localDay(now, person.timeZone);
  const asked = { userId: person.userId, firstDay: firstDayLookedAt(today), lastDay: today };
  const spending = await readDaySpending(sql, person.tenantId, currency, [asked]);
  const own = (spending.get(person.userId) ?? []).filter((each) => each.categoryId === categoryId);
  const firstDays = await readFirstDays(sql, person.tenantId, [person.userId]);
  const firstDay = firstDays.get(person.userId)?.get(categoryId) ?? today;
  return {
    baseline_minor: baselineOf(evidence, own, firstDay, today),
    measure_at: measuredFrom(today, person.timeZone).toString(),
  };
}
