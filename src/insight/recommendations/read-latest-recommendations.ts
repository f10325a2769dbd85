/** Reads the earlier recommendations that decide what may be recommended next. */
import { sql as statement } from 'kysely';
import type { Known } from '../decide/lifecycle.ts';
import type { Sql } from '../../runtime/database/database.ts';
import {
  type RecommendationRow,
  recommendationColumns,
  recommendationTables,
  toRecommendation,
} from './read-recommendation.ts';
import type { PersonRef } from '../../values/refs.ts';

type Row = RecommendationRow & { user_id: string; is_withdrawn: boolean };

/**
 * For each kind it reads the open one, or else the newest. It also reads the dismissed one with the largest
 * saving for each target. A suggestion that differs materially from that one differs from every other
 * dismissed one. All people belong to one tenant, and the result is keyed by user. A withdrawn row was last
 * written before its time was over. Those of earlier definitions are left out. Rides on `smart_recommendations_user`.
 */
export async function readLatestRecommendations(
  sql: Sql,
  people: readonly PersonRef[],
  now: Temporal.Instant,
): Promise<Map<string, Known[]>> {
  const { rows } = await statement<Row>`
    select * from (
      select r.user_id, ${recommendationColumns},
        r.status = 'expired' and r.updated_at < r.expires_at as is_withdrawn,
        row_number() over (
          partition by r.user_id, r.type, r.category_id
          order by (r.status = 'suggested' or (r.status = 'accepted' and r.measured_minor is null)) desc,
            r.created_at desc, r.id desc
        ) as recency,
        row_number() over (
          partition by r.user_id, r.type, r.category_id, r.status, r.evidence ->> 'targetKey'
          order by r.monthly_saving_minor desc, r.id
        ) as rank
      ${recommendationTables}
      where (r.tenant_id, r.user_id) in (
        select tenant_id, user_id from unnest(
          ${people.map(({ tenantId }) => tenantId)}::uuid[],
          ${people.map(({ userId }) => userId)}::text[]
        ) as asked (tenant_id, user_id)
      ) and r.expiry_reason is distinct from 'redefined'
    ) own
    where recency = 1 or (status = 'dismissed' and rank = 1)`.execute(sql);
  const byPerson = Map.groupBy(rows, ({ user_id }) => user_id);
  // The stored status is kept, because `reconcile` checks for itself whether the time is over.
  const known = (row: Row): Known => ({
    ...toRecommendation(row, now),
    status: row.status,
    isWithdrawn: row.is_withdrawn,
  });
  return new Map([...byPerson].map(([userId, own]) => [userId, own.map(known)]));
}
