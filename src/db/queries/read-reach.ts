/** How people can be reached, and want to be. */
import { sql as statement } from 'kysely';
import { defaultDigest, type DigestPreferences } from '../../domain/digest.ts';
import type { SkipReason } from '../../domain/interruption.ts';
import { defaultLocale } from '../../domain/locale.ts';
import type { ChannelChoices, InterruptingChannel } from '../../domain/preferences.ts';
import { defaultQuietHours } from '../../domain/quiet-hours.ts';
import type { Channel, QuietHours } from '../../domain/rule.ts';
import type { Reach } from '../../domain/telling.ts';
import type { Sql } from '../database.ts';
import { personKey, type PersonRef } from './lock-people.ts';

type Row = {
  tenant_id: string;
  id: string;
  timezone: string;
  locale: string | null;
  snooze_until: string | null;
  critical_interrupts: boolean;
  quiet_hours: QuietHours | null;
  digest: DigestPreferences | null;
  channels: ChannelChoices | null;
  unsubscribe_key: string;
  last_digest_day: string | null;
  has_email: boolean;
  has_phone: boolean;
  has_push: boolean;
  email_bounced: boolean;
  phone_bounced: boolean;
};

/**
 * By `personKey`. `configured`: the channels this service can send on. Rides on primary keys, on
 * `notification_history_digest` and `push_subscriptions_endpoint`.
 */
export async function readReach(
  sql: Sql,
  people: readonly PersonRef[],
  configured: ReadonlySet<Channel>,
): Promise<Map<string, Reach>> {
  const { rows } = await statement<Row>`
    select u.tenant_id, u.id, coalesce(u.timezone, t.timezone) as timezone, u.locale, u.snooze_until,
      u.critical_interrupts, u.quiet_hours, u.digest, u.channels, u.unsubscribe_key, (
        select max(n.digest_day)
        from notification_history n
        where n.tenant_id = u.tenant_id and n.user_id = u.id and n.digest_day is not null
      ) as last_digest_day,
      u.email is not null as has_email, u.phone is not null as has_phone, exists (
        select from push_subscriptions s where s.tenant_id = u.tenant_id and s.user_id = u.id
      ) as has_push,
      u.email is not distinct from u.bounced_email as email_bounced,
      u.phone is not distinct from u.bounced_phone as phone_bounced
    from unnest(
      ${people.map(({ tenantId }) => tenantId)}::uuid[],
      ${people.map(({ userId }) => userId)}::text[]
    ) as asked (tenant_id, id)
    join users u using (tenant_id, id)
    join tenants t on t.id = u.tenant_id`.execute(sql);
  return new Map(rows.map((row) => toReach(row, configured)).map((reach) => [personKey(reach), reach]));
}

const toReach = (row: Row, configured: ReadonlySet<Channel>): Reach => ({
  tenantId: row.tenant_id,
  userId: row.id,
  timeZone: row.timezone,
  locale: row.locale ?? defaultLocale,
  snoozeUntil: row.snooze_until === null ? null : Temporal.Instant.from(row.snooze_until),
  criticalInterrupts: row.critical_interrupts,
  quietHours: row.quiet_hours ?? defaultQuietHours,
  digest: row.digest ?? defaultDigest,
  lastDigestDay: row.last_digest_day,
  skip: {
    email: skipOf(row, 'email', configured, row.has_email, row.email_bounced),
    sms: skipOf(row, 'sms', configured, row.has_phone, row.phone_bounced),
    push: skipOf(row, 'push', configured, row.has_push, false),
  },
  unsubscribeKey: row.unsubscribe_key,
});

function skipOf(
  { channels }: Row,
  channel: InterruptingChannel,
  configured: ReadonlySet<Channel>,
  hasAddress: boolean,
  isBounced: boolean,
): SkipReason | null {
  if (!configured.has(channel)) return 'not_configured';
  if (channels?.[channel] === false) return 'opted_out';
  if (!hasAddress) return 'no_address';
  return isBounced ? 'bounced' : null;
}
