/** Reads the notifications that people's live streams have not shown yet. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';
import {
  type NotificationRow,
  selectNotifications,
  toNotification,
  type ListedNotification,
} from './read-notification.ts';
import type { PersonRef } from '../../values/refs.ts';

/** `after`: the number of the last notification shown. Numbers are text because they may outgrow `number`. */
export type StreamPosition = PersonRef & { after: string };

export type StreamedNotification = { number: string; notification: ListedNotification };

/**
 * For each position, in the given order, at most `limit` of the notifications after it, oldest first. A person
 * without news costs one look-up in the primary key of `stream_heads`. Others ride on
 * `notification_history_stream`. `offset 0` keeps a plan made for empty tables from comparing all rows with all.
 */
export async function readStream(
  sql: Sql,
  positions: readonly StreamPosition[],
  limit: number,
): Promise<StreamedNotification[][]> {
  const { rows } = await statement<NotificationRow & { place: number; stream_number: string }>`
    select asked.place::int as place, next.stream_number, shown.*
    from unnest(
      ${positions.map(({ tenantId }) => tenantId)}::uuid[],
      ${positions.map(({ userId }) => userId)}::text[],
      ${positions.map(({ after }) => after)}::bigint[]
    ) with ordinality as asked (tenant_id, user_id, after, place)
    cross join lateral (
      select from stream_heads h
      where h.tenant_id = asked.tenant_id and h.user_id = asked.user_id and h.last_number > asked.after
      offset 0
    ) news
    cross join lateral (
      select m.id, m.stream_number
      from notification_history m
      where m.tenant_id = asked.tenant_id and m.user_id = asked.user_id and m.stream_number > asked.after
      order by m.stream_number
      limit ${limit}
    ) next
    cross join lateral (
      ${selectNotifications}
      where n.tenant_id = asked.tenant_id and n.id = next.id
      offset 0
    ) shown
    order by asked.place, next.stream_number`.execute(sql);
  const byPosition = Map.groupBy(rows, ({ place }) => place);
  return positions.map((_, index) => (byPosition.get(index + 1) ?? []).map(toStreamed));
}

const toStreamed = (row: NotificationRow & { stream_number: string }): StreamedNotification => ({
  number: row.stream_number,
  notification: toNotification(row),
});

/**
 * The number to resume from: `lastSeen`, else the last number assigned. A number that was never assigned counts as
 * the last one; it may stem from before a backup was restored. Rides on the primary key.
 */
export async function readStreamStart(
  sql: Sql,
  { tenantId, userId }: PersonRef,
  lastSeen: string | null,
): Promise<string> {
  const { rows } = await statement<{ start: string }>`
    select least(${lastSeen}::bigint, last_number) as start
    from stream_heads
    where tenant_id = ${tenantId} and user_id = ${userId}`.execute(sql);
  return rows[0]?.start ?? '0';
}
