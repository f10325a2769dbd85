/** How people can be reached, and want to be. */
import { sql as statement } from 'kysely';
import { defaultDigest } from '../decide/digest.ts';
import { defaultLocale } from '../../values/locale.ts';
import type { Recipient } from '../decide/policy.ts';
import type { Sql } from '../../runtime/database/database.ts';
import {
  toInterruptionPreferences,
  interruptionPreferencesColumns,
  type InterruptionPreferencesRow,
} from './interruption-preferences-row.ts';
import type { DigestPreferences } from '../../values/preferences.ts';
import type { InterruptingChannel, Channel } from '../../values/channels.ts';
import { personKey, type PersonRef } from '../../values/refs.ts';

type Row = InterruptionPreferencesRow & {
  tenant_id: string;
  id: string;
  locale: string | null;
  digest: DigestPreferences | null;
  unsubscribe_key: string;
  last_digest_day: string | null;
};

/**
 * By `personKey`. `configured`: the channels this service can send on. Rides on primary keys, on
 * `notification_history_digest` and `push_subscriptions_endpoint`.
 */
export async function readRecipients(
  sql: Sql,
  people: readonly PersonRef[],
  configured: ReadonlySet<Channel>,
): Promise<Map<string, Recipient>> {
  const { rows } = await statement<Row>`
    select u.tenant_id, u.id, u.locale, u.digest, u.unsubscribe_key, ${interruptionPreferencesColumns}, (
        select max(n.digest_day)
        from notification_history n
        where n.tenant_id = u.tenant_id and n.user_id = u.id and n.digest_day is not null
      ) as last_digest_day
    from unnest(
      ${people.map(({ tenantId }) => tenantId)}::uuid[],
      ${people.map(({ userId }) => userId)}::text[]
    ) as asked (tenant_id, id)
    join users u using (tenant_id, id)
    join tenants t on t.id = u.tenant_id`.execute(sql);
  return new Map(
    rows.map((row) => toReach(row, configured)).map((recipient) => [personKey(recipient), recipient]),
  );
}

function toReach(row: Row, configured: ReadonlySet<Channel>): Recipient {
  const wishes = toInterruptionPreferences(row);
  const skipOf = (channel: InterruptingChannel) =>
    configured.has(channel) ? wishes.skip[channel] : 'not_configured';
  return {
    ...wishes,
    tenantId: row.tenant_id,
    userId: row.id,
    locale: row.locale ?? defaultLocale,
    digest: row.digest ?? defaultDigest,
    lastDigestDay: row.last_digest_day,
    skip: { email: skipOf('email'), sms: skipOf('sms'), push: skipOf('push') },
    unsubscribeKey: row.unsubscribe_key,
  };
}
