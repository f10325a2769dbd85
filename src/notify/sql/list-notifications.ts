/** Lists a page of a person's notifications, newest first. */
import { sql as statement } from 'kysely';
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
