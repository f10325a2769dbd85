/** Reads notifications as their person sees them: each with its deliveries. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';
import type { DeliveryStatus, NotificationStatus, NotificationType } from '../../values/statuses.ts';
import type { Severity } from '../../values/severity.ts';
import { type Channel, channels } from '../../values/channels.ts';
import type { PersonRef } from '../../values/refs.ts';
import { personTimeZone } from '../../accounts/people.ts';
import { defaultLocale } from '../../values/locale.ts';
import type { InZone } from '../../values/display.ts';
import { shownStatus } from './read-group-end.ts';

/** With the locale and the zone of its person. */
export type ListedNotification = InZone & {
  id: string;
  type: NotificationType;
  severity: Severity;
  title: string;
  message: string;
  ruleId: string | null;
  level: number | null;
  status: NotificationStatus;
  reason: string | null;
  until: Temporal.Instant | null;
  isSilent: boolean;
  mergedInto: string | null;
  /** The names of the budgets, or else the titles, that are in the same message. */
  toldWith: string[];
  createdAt: Temporal.Instant;
  sentAt: Temporal.Instant | null;
  readAt: Temporal.Instant | null;
  deliveries: DeliverySummary[];
};

export type DeliverySummary = {
  channel: Channel;
  status: DeliveryStatus;
  attempts: number;
  failureReason: string | null;
  sentAt: Temporal.Instant | null;
  /** When it came to its status. */
  changedAt: Temporal.Instant;
};

type DeliveryRow = Omit<DeliverySummary, 'sentAt' | 'changedAt'> & {
  sentAt: string | null;
  changedAt: string;
};

export type NotificationRow = {
  id: string;
  type: NotificationType;
  severity: Severity;
  title: string;
  message: string;
  rule_id: string | null;
  level: number | null;
  status: NotificationStatus;
  reason: string | null;
  until: string | null;
  is_silent: boolean;
  merged_into: string | null;
  told_with: string[] | null;
  created_at: string;
  sent_at: string | null;
  read_at: string | null;
  deliveries: DeliveryRow[] | null;
  locale: string | null;
  time_zone: string;
};

/**
 * Columns of `NotificationRow`, to be followed by a `where` over `n`. Rides on `notification_deliveries_channel`,
 * `notification_history_merged` and the primary keys of people, rules and tenants.
 */
export const selectNotifications = statement`
  select n.id, n.type, n.severity, n.title, n.message, n.rule_id, n.level, ${shownStatus} as status, n.reason, n.until,
    n.is_silent, n.merged_into, n.created_at, n.sent_at, n.read_at, u.locale, ${personTimeZone} as time_zone,
    case when n.merged_into is not null then (
      select jsonb_agg(distinct coalesce(r.name, m.title))
      from notification_history m
      left join smart_alert_rules r on r.tenant_id = m.tenant_id and r.id = m.rule_id
      where m.tenant_id = n.tenant_id and m.merged_into = n.merged_into and m.id <> n.id
    ) end as told_with, (
      select jsonb_agg(
        jsonb_build_object('channel', d.channel, 'status', d.status, 'attempts', d.attempts,
          'failureReason', d.failure_reason, 'sentAt', d.sent_at, 'changedAt', d.changed_at)
        order by array_position(${[...channels]}::text[], d.channel))
      from notification_deliveries d
      where d.tenant_id = n.tenant_id and d.notification_id = n.id
    ) as deliveries
  from notification_history n
  join tenants t on t.id = n.tenant_id
  left join users u on u.tenant_id = n.tenant_id and u.id = n.user_id`;

export const toNotification = (row: NotificationRow): ListedNotification => ({
  id: row.id,
  type: row.type,
  severity: row.severity,
  title: row.title,
  message: row.message,
  ruleId: row.rule_id,
  level: row.level,
  status: row.status,
  reason: row.reason,
  until: instantOf(row.until),
  isSilent: row.is_silent,
  mergedInto: row.merged_into,
  toldWith: row.told_with ?? [],
  createdAt: Temporal.Instant.from(row.created_at),
  sentAt: instantOf(row.sent_at),
  readAt: instantOf(row.read_at),
  deliveries: (row.deliveries ?? []).map((delivery) => ({
    ...delivery,
    sentAt: instantOf(delivery.sentAt),
    changedAt: Temporal.Instant.from(delivery.changedAt),
  })),
  locale: row.locale ?? defaultLocale,
  timeZone: row.time_zone,
});

const instantOf = (text: string | null): Temporal.Instant | null =>
  text === null ? null : Temporal.Instant.from(text);

/** Undefined if the person has no such notification. Rides on the primary key. */
export async function readNotification(
  sql: Sql,
  person: PersonRef,
  notificationId: string,
): Promise<ListedNotification | undefined> {
  const { rows } = await statement<NotificationRow>`
    ${selectNotifications}
    where n.tenant_id = ${person.tenantId} and n.id = ${notificationId} and n.user_id = ${person.userId}
    `.execute(sql);
  const [row] = rows;
  return row && toNotification(row);
}
