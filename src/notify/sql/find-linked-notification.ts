/** Finds the notification that a link was made for, with what its page says of it. */
import { sql as statement } from 'kysely';
import { personTimeZone } from '../../accounts/people.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { defaultLocale } from '../../values/locale.ts';
import { isProof, type OpenedLink } from '../decide/notification-token.ts';
import type { LinkedNotification, NoticeDecision, NoticePart } from '../decide/notice.ts';
import { readNotification } from './read-notification.ts';

type Named = {
  id: string;
  userId: string;
  key: string;
  locale: string | null;
  timeZone: string;
  tenantName: string;
};

/** Null if the link is nobody's. Rides on primary keys and `notification_history_user`. */
export async function findLinkedNotification(sql: Sql, link: OpenedLink): Promise<LinkedNotification | null> {
  const found = (await readNamed(sql, link)).find(({ id, key }) => isProof(link, id, key));
  if (!found) return null;
  const { id, userId, locale, timeZone, tenantName } = found;
  const notification = await readNotification(sql, { tenantId: link.tenantId, userId }, id);
  if (!notification) return null;
  return {
    ...notification,
    decision: await readDecision(sql, link.tenantId, notification),
    parts: await readParts(sql, link.tenantId, userId, id),
    locale: locale ?? defaultLocale,
    timeZone,
    tenantName,
  };
}

/** Those whose ids begin as the link says: nearly always one. */
async function readNamed(sql: Sql, { tenantId, first, last }: OpenedLink): Promise<Named[]> {
  const { rows } = await statement<Named>`
    select n.id, n.user_id as "userId", u.unsubscribe_key as key, u.locale, ${personTimeZone} as "timeZone",
      t.name as "tenantName"
    from notification_history n
    join users u on u.tenant_id = n.tenant_id and u.id = n.user_id
    join tenants t on t.id = n.tenant_id
    where n.tenant_id = ${tenantId} and n.id between ${first}::uuid and ${last}::uuid`.execute(sql);
  return rows;
}

type About = { id: string; ruleId: string | null };

async function readDecision(
  sql: Sql,
  tenantId: string,
  { id, ruleId }: About,
): Promise<NoticeDecision | null> {
  if (ruleId === null) return null;
  const { rows } = await statement<{ at: string; level: number; outcome: string }>`
    select at, level, outcome
    from alert_decisions
    where tenant_id = ${tenantId} and rule_id = ${ruleId} and notification_id = ${id} and level is not null
    order by number limit 1`.execute(sql);
  return rows.map((row) => ({ ...row, at: Temporal.Instant.from(row.at) }))[0] ?? null;
}

async function readParts(sql: Sql, tenantId: string, userId: string, id: string): Promise<NoticePart[]> {
  const { rows } = await statement<{ title: string; at: string; reason: string | null }>`
    select title, created_at as at, reason
    from notification_history
    where tenant_id = ${tenantId} and user_id = ${userId} and merged_into = ${id}
    order by created_at, id`.execute(sql);
  return rows.map((row) => ({ ...row, at: Temporal.Instant.from(row.at) }));
}
