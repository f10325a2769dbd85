/** Lists a page of a person's recommendations, those worth most first. */
import { sql as statement } from 'kysely';
import type { RecommendationStatus } from '../decide/lifecycle.ts';
import type { Sql } from '../../runtime/database/database.ts';
import {
  type RecommendationRow,
  recommendationColumns,
  recommendationTables,
} from './read-recommendation.ts';
import type { PersonRef } from '../../values/refs.ts';

/** `after` is the last item of the previous page. */
export type RecommendationPage = {
  status: RecommendationStatus;
  categoryId?: string | undefined;
  limit: number;
  after: { worth: number; id: string } | null;
};

/** Rides on `smart_recommendations_user`. */
export async function listRecommendations(
  sql: Sql,
  person: PersonRef,
  { status, categoryId, limit, after }: RecommendationPage,
  now: Temporal.Instant,
): Promise<RecommendationRow[]> {
  const inCategory = categoryId === undefined ? statement`` : statement`and r.category_id = ${categoryId}`;
  const { rows } = await statement<RecommendationRow>`
    select ${recommendationColumns} ${recommendationTables}
    where r.tenant_id = ${person.tenantId} and r.user_id = ${person.userId}
      and ${inStatus(status, now)} ${inCategory} ${rankedBelow(after)}
    order by r.worth desc, r.id desc
    limit ${limit}`.execute(sql);
  return rows;
}

/** A suggestion past its time reads as expired. */
function inStatus(status: RecommendationStatus, now: Temporal.Instant) {
  const isOver = statement`r.expires_at <= ${now.toString()}::timestamptz`;
  if (status === 'suggested') return statement`r.status = 'suggested' and not ${isOver}`;
  if (status !== 'expired') return statement`r.status = ${status}`;
  return statement`(r.status = 'expired' or (r.status = 'suggested' and ${isOver}))`;
}

/** Ids grow with time, so of those worth the same the newest is first. */
function rankedBelow(after: RecommendationPage['after']) {
  if (!after) return statement``;
  return statement`and (r.worth, r.id) < (${after.worth}::numeric, ${after.id}::uuid)`;
}
