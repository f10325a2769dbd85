/** Reads what an unsubscribe link is about, if it is its person's. */
import { timingSafeEqual } from 'node:crypto';
import { sql as statement } from 'kysely';
import { defaultLocale } from '../../values/locale.ts';
import type { ChannelChoices } from '../../values/channels.ts';
import type { MessageStop } from '../../values/message-stop.ts';
import type { DigestPreferences } from '../../values/preferences.ts';
import type { Sql } from '../../runtime/database/database.ts';
import { defaultDigest } from '../decide/digest.ts';
import type { StopFacts, StoppableRule } from '../decide/message-stop.ts';
import type { UnsubscribeGrant } from '../decide/unsubscribe.ts';

/** `locale` and `tenantName`: for the page. */
export type LinkFacts = StopFacts & { locale: string; tenantName: string };

type Row = {
  unsubscribe_key: string;
  locale: string | null;
  tenant_name: string;
  channels: ChannelChoices | null;
  digest: DigestPreferences | null;
  message_stops: MessageStop[] | null;
  rules: StoppableRule[] | null;
};

/** As long as any key, and the key of nobody. */
const noKey = '-'.repeat(43);

/**
 * Null: the link is not theirs. The check takes equally long whatever is wrong with the link. Rides on primary keys.
 */
export async function readStopFacts(
  sql: Sql,
  { tenantId, userId, channel, scope, key }: UnsubscribeGrant,
): Promise<LinkFacts | null> {
  const ruleId = 'ruleId' in scope ? scope.ruleId : null;
  const notificationId = 'notificationId' in scope ? scope.notificationId : null;
  const { rows } = await statement<Row>`
    select u.unsubscribe_key, u.locale, t.name as tenant_name, u.channels, u.digest, u.message_stops, (
      select jsonb_agg(jsonb_build_object('id', r.id, 'isOn', r.channels ? ${channel},
        'maxPerDay', r.max_notifications_per_day) order by r.id)
      from smart_alert_rules r
      where r.tenant_id = u.tenant_id and r.user_id = u.id and r.id = any(array(
        select (alert ->> 'ruleId')::uuid
        from notification_history n, jsonb_array_elements(n.told -> 'alerts') alert
        where n.tenant_id = u.tenant_id and n.id = ${notificationId}::uuid and n.user_id = u.id
      ) || ${ruleId}::uuid)
    ) as rules
    from users u join tenants t on t.id = u.tenant_id
    where u.tenant_id = ${tenantId} and u.id = ${userId}`.execute(sql);
  const [row] = rows;
  const isEqual = timingSafeEqual(Buffer.from(key), Buffer.from(row?.unsubscribe_key ?? noKey));
  if (!row || !isEqual) return null;
  return {
    locale: row.locale ?? defaultLocale,
    tenantName: row.tenant_name,
    channels: row.channels,
    digest: row.digest ?? defaultDigest,
    rules: row.rules ?? [],
    stops: row.message_stops ?? [],
  };
}
