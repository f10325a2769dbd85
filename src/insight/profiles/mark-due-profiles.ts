/** Marks profiles as stale when their month has ended, or when a recurring charge is late. */
import { sql as statement } from 'kysely';
import type { Database } from '../../runtime/database/database.ts';
import { type ProfileRow, toProfileRef } from '../../alerts/evaluate/mark-stale-profiles.ts';
import type { ProfileRef } from '../../values/refs.ts';

/** `people` counts the people who were due. If it equals the limit, more may be due. */
export type DueProfiles = { people: number; profiles: ProfileRef[] };

/**
 * Marks at most `limit` people. People locked by another transaction are skipped and wait for the next run.
 * Rides on `users_profile_due` and the primary keys.
 */
export async function markDueProfiles(
  db: Database,
  tenantIds: readonly string[],
  limit: number,
  now: Temporal.Instant,
): Promise<DueProfiles> {
  type Row = ProfileRow & { people: number };
  const { rows } = await db.transaction(tenantIds, (sql) =>
    statement<Row>`
      with due as (
        select tenant_id, id from users
        where tenant_id = any(${tenantIds}::uuid[]) and profile_due_at <= ${now.toString()}
        order by tenant_id, profile_due_at
        limit ${limit}
        for no key update skip locked
      ), begun as (
        update users u set profile_due_at = null
        from due where u.tenant_id = due.tenant_id and u.id = due.id
        returning u.tenant_id, u.id
      ), marked as (
        insert into stale_profiles (tenant_id, user_id, since)
        select tenant_id, id, ${now.toString()}::timestamptz from begun order by tenant_id, id
        on conflict (tenant_id, user_id) do nothing
        returning tenant_id, id
      )
      select counted.people, marked.tenant_id, marked.id
      from (select count(*)::int as people from begun) counted left join marked on true`.execute(sql),
  );
  const marked = rows.filter(({ id }) => id !== null);
  return { people: rows[0]?.people ?? 0, profiles: marked.map(toProfileRef) };
}
