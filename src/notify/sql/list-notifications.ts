/** Lists a page of a person's notifications, newest first. */
import { sql as statement } from 'kysely';
import type { TimeSpan } from '../../values/period.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { shownStatus } from './read-group-end.ts';
import {
  type NotificationRow,
  selectNotifications,
  toNotification,
  type ListedNotification,
} from './read-notification.ts';
import type { NotificationStatus, NotificationType } from '../../values/statuses.ts';
import type { PersonRef } from '../../values/refs.ts';

/** `after`: the last item of the page before. */
export type NotificationPage = {
  type?: NotificationType | undefined;
  status?: NotificationStatus | undefined;
  since: Temporal.Instant;
  limit: number;
  after: { createdAt: Temporal.Instant; id: string } | null;
};

/** The longest that a ledger looks for what was made before its day, such as alerts that waited for the end of a snooze. */
const longestWait = { hours: 366 * 24 } as const;

/**
 * Those that were made or may have been sent in the time, oldest first and `limit` at most. Rides on
 * `notification_history_user` and `notification_deliveries_channel`.
 */
export async function listNotificationsIn(
  sql: Sql,
  person: PersonRef,
  { since, until }: TimeSpan,
  limit: number,
): Promise<ListedNotification[]> {
  const { rows } = await statement<NotificationRow>`
    ${selectNotifications}
    where n.tenant_id = ${person.tenantId} and n.user_id = ${person.userId}
      and n.created_at >= ${since.subtract(longestWait).toString()} and n.created_at < ${until.toString()}
      and (n.created_at >= ${since.toString()} or exists (
        select from notification_deliveries d
        where d.tenant_id = n.tenant_id and d.notification_id = n.id
          and coalesce(d.sent_at, d.changed_at) >= ${since.toString()}
          and coalesce(d.sent_at, d.changed_at) < ${until.toString()}
      ))
    order by n.created_at, n.id
    limit ${limit}`.execute(sql);
  return rows.map(toNotification);
}

/** Rides on `notification_history_user`. */
export async function listNotifications(
  sql: Sql,
  person: PersonRef,
  { type, status, since, limit, after }: NotificationPage,
): Promise<ListedNotification[]> {
  const ofType = type === undefined ? statement`` : statement`and n.type = ${type}`;
  const inStatus = status === undefined ? statement`` : statement`and ${shownStatus} = ${status}`;
  const older = after
    ? statement`and (n.created_at, n.id) < (${after.createdAt.toString()}::timestamptz, ${after.id}::uuid)`
    : statement``;
  const { rows } = await statement<NotificationRow>`
    ${selectNotifications}
    where n.tenant_id = ${person.tenantId} and n.user_id = ${person.userId}
      and n.created_at >= ${since.toString()} ${ofType} ${inStatus} ${older}
    order by n.created_at desc, n.id desc
    limit ${limit}`.execute(sql);
  return rows.map(toNotification);
}
