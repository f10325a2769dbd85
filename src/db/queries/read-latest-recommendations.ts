/** What was recommended to people last. */
import { sql as statement } from 'kysely';
import type { Known } from '../../domain/insight/lifecycle.ts';
import type { Sql } from '../database.ts';
import type { PersonRef } from './lock-people.ts';
import {
  type RecommendationRow,
  recommendationColumns,
  recommendationTables,
  toRecommendation,
} from './read-recommendation.ts';

/**
 * Of each kind the one that is open, else the last made; by user, all of one tenant. Rides on
 * `smart_recommendations_user`.
 */
export async function readLatestRecommendations(
  sql: Sql,
  people: readonly PersonRef[],
  now: Temporal.Instant,
): Promise<Map<string, Known[]>> {
  const { rows } = await statement<RecommendationRow & { user_id: string }>`
    select distinct on (r.user_id, r.type, r.category_id) r.user_id, ${recommendationColumns}
    ${recommendationTables}
    where (r.tenant_id, r.user_id) in (
      select tenant_id, user_id from unnest(
        ${people.map(({ tenantId }) => tenantId)}::uuid[],
        ${people.map(({ userId }) => userId)}::text[]
      ) as asked (tenant_id, user_id)
    )
    order by r.user_id, r.type, r.category_id,
      (r.status = 'suggested' or (r.status = 'accepted' and r.measured_minor is null)) desc,
      r.created_at desc, r.id desc`.execute(sql);
  const byPerson = Map.groupBy(rows, ({ user_id }) => user_id);
  // Whether one has outlived its time is looked at when it is reconciled.
  const known = (row: RecommendationRow): Known => ({ ...toRecommendation(row, now), status: row.status });
  return new Map([...byPerson].map(([userId, own]) => [userId, own.map(known)]));
}
