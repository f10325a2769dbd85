/** Reads the next instant at which a scheduled job has work for a tenant. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';

/**
 * Null if nothing is scheduled. A due time that is not computed yet counts as long past. Rides on
 * `notification_history_held`, `users_digest_due`, `users_profile_due`, `alert_states_renotify` and
 * `smart_alert_rules_next_period`.
 */
export async function readNextDue(sql: Sql, tenantId: string): Promise<Temporal.Instant | null> {
  const { rows } = await statement<{ due_at: string | null }>`
    select greatest(least(held, digest, profile, cooldown, period), 'epoch'::timestamptz) as due_at
    from (select
      (
        select min(until) from notification_history
        where tenant_id = ${tenantId} and status in ('deferred', 'capped')
      ) as held,
      (select min(digest_due_at) from users where tenant_id = ${tenantId}) as digest,
      (
        select min(profile_due_at) from users
        where tenant_id = ${tenantId} and profile_due_at is not null
      ) as profile,
      (
        select min(renotify_at) from alert_states
        where tenant_id = ${tenantId} and renotify_at is not null
      ) as cooldown,
      (select min(next_period_at) from smart_alert_rules where tenant_id = ${tenantId} and is_active) as period
    ) due
    where least(held, digest, profile, cooldown, period) < 'infinity'`.execute(sql);
  const [row] = rows;
  return row?.due_at ? Temporal.Instant.from(row.due_at) : null;
}
