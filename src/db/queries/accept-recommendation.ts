/** A person takes a recommendation up: what it comes to is measured from then on. */
import { baselineOf, measuredFrom } from '../../domain/insight/measurement.ts';
import { firstDayLookedAt } from '../../domain/insight/months.ts';
import { localDay } from '../../domain/period.ts';
import type { Database, Sql } from '../database.ts';
import { lockPerson, type Person, type PersonRef } from './lock-people.ts';
import { readDaySpending } from './read-day-spending.ts';
import { readFirstDays } from './read-first-days.ts';
import { readRecommendation, type StoredRecommendation } from './read-recommendation.ts';

/**
 * What it is afterwards: accepted, now or before, or whatever stood in the way; undefined where the person has
 * no such recommendation.
 */
export function acceptRecommendation(
  db: Database,
  ref: PersonRef,
  recommendationId: string,
  now: Temporal.Instant,
): Promise<StoredRecommendation | undefined> {
  return db.transaction([ref.tenantId], async (sql) => {
    const person = await lockPerson(sql, ref);
    const found = await readRecommendation(sql, person, recommendationId, now);
    if (found?.status !== 'suggested') return found;
    await writeAccepted(sql, person, found, now);
    return readRecommendation(sql, person, recommendationId, now);
  });
}

/** Rides on the primary key. */
async function writeAccepted(
  sql: Sql,
  person: Person,
  found: StoredRecommendation,
  now: Temporal.Instant,
): Promise<void> {
  const today = localDay(now, person.timeZone);
  await sql
    .updateTable('smart_recommendations')
    .set({
      status: 'accepted',
      decided_at: now.toString(),
      updated_at: now.toString(),
      baseline_minor: await readBaseline(sql, person, found, today),
      measure_at: measuredFrom(today, person.timeZone).toString(),
    })
    .where('tenant_id', '=', person.tenantId)
    .where('id', '=', found.id)
    .execute();
}

async function readBaseline(
  sql: Sql,
  person: Person,
  { categoryId, currency, evidence }: StoredRecommendation,
  today: string,
): Promise<string> {
  const asked = { userId: person.userId, firstDay: firstDayLookedAt(today), lastDay: today };
  const spending = await readDaySpending(sql, person.tenantId, currency, [asked]);
  const own = (spending.get(person.userId) ?? []).filter((each) => each.categoryId === categoryId);
  const firstDays = await readFirstDays(sql, person.tenantId, [person.userId]);
  return baselineOf(evidence, own, firstDays.get(person.userId)?.get(categoryId) ?? today, today);
}
