/**
 * Alerts that wait for others. One is stored as deferred with a reason of its own, and shown as pending. A process of
 * an earlier version would take a pending one for ended once it is in the app. A deferred one it releases in time.
 */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';
import type { PersonRef } from '../../values/refs.ts';

/** True for such an alert, of notifications `n`. */
export const waitsForOthers = statement`(n.status = 'deferred' and n.reason is not distinct from 'grouped')`;

/** The status of notifications `n` as people see it. */
export const shownStatus = statement`case when ${waitsForOthers} then 'pending' else n.status end`;

/**
 * When the wait ends that an alert of the person joins, or else begins now. An end that a clock ahead of this one has
 * set counts no longer than a wait that begins. Read under the lock on the person's day, so that alerts planned at the same
 * moment wait together. Rides on `notification_history_held_user`.
 */
export async function readGroupEnd(
  sql: Sql,
  { tenantId, userId }: PersonRef,
  waitSeconds: number,
  now: Temporal.Instant,
): Promise<Temporal.Instant> {
  const end = now.add({ seconds: waitSeconds });
  const { rows } = await statement<{ until: string }>`
    select least(min(n.until) filter (where n.until > ${now.toString()}), ${end.toString()}::timestamptz) as until
    from notification_history n
    where n.tenant_id = ${tenantId} and n.user_id = ${userId} and ${waitsForOthers}`.execute(sql);
  const [row] = rows;
  return row ? Temporal.Instant.from(row.until) : end;
}
