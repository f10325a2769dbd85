/** Marks people's profiles as stale. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';
import type { PersonRef } from '../../values/refs.ts';
import type { ProfileRef } from '../../values/refs.ts';

export type ProfileRow = { tenant_id: string; id: string };

/**
 * Returns the profiles that were not stale before: the others are enqueued already. The caller holds the person's lock
 * or the exclusive lock on the tenant's exchange rates, so a rebuild under way cannot miss the caller's change. Rides
 * on the primary key.
 */
export async function markStaleProfiles(
  sql: Sql,
  people: readonly PersonRef[],
  now: Temporal.Instant,
): Promise<ProfileRef[]> {
  if (people.length === 0) return [];
  const { rows } = await statement<ProfileRow>`
    insert into stale_profiles (tenant_id, user_id, since)
    select tenant_id, user_id, ${now.toString()}::timestamptz
    from unnest(
      ${people.map(({ tenantId }) => tenantId)}::uuid[],
      ${people.map(({ userId }) => userId)}::text[]
    ) as touched (tenant_id, user_id)
    order by tenant_id, user_id
    on conflict (tenant_id, user_id) do nothing
    returning tenant_id, id`.execute(sql);
  return rows.map(toProfileRef);
}

export const toProfileRef = ({ tenant_id, id }: ProfileRow): ProfileRef => ({
  tenantId: tenant_id,
  profileId: id,
});
