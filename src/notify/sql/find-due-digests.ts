/** Finds the people who may be due a digest. */
import { sql as statement } from 'kysely';
import { isAmong } from '../../accounts/people.ts';
import { isSetAside } from '../../accounts/set-aside.ts';
import type { Sql } from '../../runtime/database/database.ts';
import type { PersonRef } from '../../values/refs.ts';

/**
 * People whose digest is due or has no due time yet, and people with a capped notification that is due. Returns at
 * most `limit`, the longest waiting first. Rides on `users_digest_due` and `notification_history_held`.
 */
export async function findDueDigests(
  sql: Sql,
  tenantIds: readonly string[],
  limit: number,
  now: Temporal.Instant,
  busy: readonly PersonRef[] = [],
): Promise<PersonRef[]> {
  const { rows } = await statement<{ tenant_id: string; user_id: string }>`
    select tenant_id, user_id
    from (
      (
        select tenant_id, id as user_id, digest_due_at as due_at
        from users
        where tenant_id = any(${tenantIds}::uuid[]) and digest_due_at <= ${now.toString()}
          and not ${isSetAside('users.tenant_id', 'users.id', 'daily-summary', now)}
          and not ${isAmong('users.tenant_id', 'users.id', busy)}
        order by digest_due_at
        limit ${limit}
      )
      union all
      select tenant_id, user_id, until as due_at
      from notification_history n
      where tenant_id = any(${tenantIds}::uuid[]) and status = 'capped' and until <= ${now.toString()}
        and not ${isSetAside('n.tenant_id', 'n.user_id', 'daily-summary', now)}
        and not ${isAmong('n.tenant_id', 'n.user_id', busy)}
    ) due
    group by tenant_id, user_id
    order by min(due_at), tenant_id, user_id
    limit ${limit}`.execute(sql);
  return rows.map((row) => ({ tenantId: row.tenant_id, userId: row.user_id }));
}
