/** Writes notifications that are about no single rule: roll-ups, digests and bounced addresses. */
import { sql as statement } from 'kysely';
import type { PendingNotification } from '../decide/policy.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { columnOf } from '../../runtime/database/column-of.ts';

/** `digestDay`: the local day of a digest; a person has one digest of each kind a day. */
export type NewNotification = PendingNotification & { digestDay?: string };

/**
 * Writes them as pending; the caller decides them or enqueues them. Returns the ids written: a second digest of a day
 * is not.
 */
export async function insertNotifications(
  sql: Sql,
  notifications: readonly NewNotification[],
  now: Temporal.Instant,
): Promise<ReadonlySet<string>> {
  if (notifications.length === 0) return new Set();
  const column = columnOf(notifications);
  const { rows } = await statement<{ id: string }>`
    insert into notification_history (tenant_id, id, user_id, type, severity, title, message, told, digest_day,
      is_silent, status, created_at)
    select *, false, 'pending', ${now.toString()}::timestamptz
    from unnest(
      ${column(({ tenantId }) => tenantId)}::uuid[],
      ${column(({ id }) => id)}::uuid[],
      ${column(({ userId }) => userId)}::text[],
      ${column(({ type }) => type)}::text[],
      ${column(({ severity }) => severity)}::text[],
      ${column(({ title }) => title)}::text[],
      ${column(({ message }) => message)}::text[],
      ${column(({ content }) => JSON.stringify(content))}::jsonb[],
      ${column(({ digestDay }) => digestDay ?? null)}::date[]
    )
    on conflict (tenant_id, user_id, digest_day, type) where digest_day is not null do nothing
    returning id`.execute(sql);
  return new Set(rows.map(({ id }) => id));
}
