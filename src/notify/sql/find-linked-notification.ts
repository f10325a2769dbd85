/** Finds the notification that a link was made for, with what its page says of it. */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';
import { isProof, type OpenedLink } from '../decide/notification-token.ts';
import type { LinkedNotification, NoticePart } from '../decide/notice.ts';
import { readNotification } from './read-notification.ts';

type Named = {
  id: string;
  userId: string;
  key: string;
  tenantName: string;
};

/** Null if the link is nobody's. Rides on primary keys and `notification_history_user`. */
export async function findLinkedNotification(sql: Sql, link: OpenedLink): Promise<LinkedNotification | null> {
  const found = (await readNamed(sql, link)).find(({ id, key }) => isProof(link, id, key));
  if (!found) return null;
  const { id, userId, tenantName } = found;
  const notification = await readNotification(sql, { tenantId: link.tenantId, userId }, id);
  if (!notification) return null;
  return {
    ...notification,
    parts: await readParts(sql, link.tenantId, userId, id),
    tenantName,
  };
}

/** Those whose ids begin as the link says: nearly always one. */
async function readNamed(sql: Sql, { tenantId, first, last }: OpenedLink): Promise<Named[]> {
  const { rows } = await statement<Named>`
    select n.id, n.user_id as "userId", u.unsubscribe_key as key, t.name as "tenantName"
    from notification_history n
    join users u on u.tenant_id = n.tenant_id and u.id = n.user_id
    join tenants t on t.id = n.tenant_id
    where n.tenant_id = ${tenantId} and n.id between ${first}::uuid and ${last}::uuid`.execute(sql);
  return rows;
}

async function readParts(sql: Sql, tenantId: string, userId: string, id: string): Promise<NoticePart[]> {
  const { rows } = await statement<{ title: string; at: string; reason: string | null }>`
    select title, created_at as at, reason
    from notification_history
    where tenant_id = ${tenantId} and user_id = ${userId} and merged_into = ${id}
    order by created_at, id`.execute(sql);
  return rows.map((row) => ({ ...row, at: Temporal.Instant.from(row.at) }));
}
