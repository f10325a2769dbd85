/** A recommendation that was not told yet may be told in a digest, one a week at most. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';
import type { PersonRef } from '../../values/refs.ts';
import {
  type RecommendationRow,
  recommendationColumns,
  recommendationTables,
  type StoredRecommendation,
  toRecommendation,
} from './read-recommendation.ts';

const hoursApart = 24 * 7;

/**
 * The open one that is worth most and was not told. Null if there is none, or if another was told in the last seven days.
 * Rides on `smart_recommendations_user`.
 */
export async function readUntold(
  sql: Sql,
  { tenantId, userId }: PersonRef,
  now: Temporal.Instant,
): Promise<StoredRecommendation | null> {
  const since = now.subtract({ hours: hoursApart }).toString();
  const { rows } = await statement<RecommendationRow>`
    select ${recommendationColumns} ${recommendationTables}
    where r.tenant_id = ${tenantId} and r.user_id = ${userId} and r.status = 'suggested'
      and r.expires_at > ${now.toString()}::timestamptz and r.told_at is null
      and not exists (
        select from smart_recommendations told
        where told.tenant_id = r.tenant_id and told.user_id = r.user_id and told.told_at > ${since}::timestamptz
      )
    order by r.worth desc, r.id desc
    limit 1`.execute(sql);
  const [row] = rows;
  return row ? toRecommendation(row, now) : null;
}

/** Notes that the recommendation was told. Rides on the primary key. */
export async function noteTold(
  sql: Sql,
  tenantId: string,
  recommendationId: string,
  now: Temporal.Instant,
): Promise<void> {
  await statement`
    update smart_recommendations set told_at = ${now.toString()}::timestamptz
    where tenant_id = ${tenantId} and id = ${recommendationId}`.execute(sql);
}
