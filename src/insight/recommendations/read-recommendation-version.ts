/** Reads a version of a person's recommendations, to see whether a cached answer is still valid. */
import { sql as statement } from 'kysely';
import { defaultLocale } from '../../values/locale.ts';
import type { Sql } from '../../runtime/database/database.ts';
import type { PersonRef } from '../../values/refs.ts';

/** `version` changes with every shown row and when a suggestion's time is over. */
export type RecommendationVersion = { version: string; locale: string };

/**
 * A written row carries its transaction's number, which is larger than its earlier one. Writers of different
 * rows may commit in either order, so the version uses the sum and not the maximum. Rides on
 * `smart_recommendations_user` and the primary keys.
 */
export async function readRecommendationVersion(
  sql: Sql,
  { tenantId, userId }: PersonRef,
  now: Temporal.Instant,
): Promise<RecommendationVersion> {
  const { rows } = await statement<{ locale: string | null; version: string }>`
    select u.locale, own.version
    from users u
    cross join lateral (
      select concat_ws(' ', count(*), sum(r.xmin::text::bigint), sum(c.xmin::text::bigint),
        count(*) filter (where r.status = 'suggested' and r.expires_at > ${now.toString()}::timestamptz)) as version
      from smart_recommendations r
      left join categories c on c.tenant_id = r.tenant_id and c.id = r.category_id
      where r.tenant_id = u.tenant_id and r.user_id = u.id
    ) own
    where u.tenant_id = ${tenantId} and u.id = ${userId}`.execute(sql);
  const [row] = rows;
  return { version: row?.version ?? '', locale: row?.locale ?? defaultLocale };
}
