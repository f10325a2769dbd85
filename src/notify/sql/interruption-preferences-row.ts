/** What people want of being interrupted, and whether their channels lead to them. */
import { sql as statement } from 'kysely';
import type { SkipReason } from '../decide/interruption.ts';
import { defaultQuietHours } from '../decide/quiet-hours.ts';
import type { InterruptionPreferences } from '../decide/policy.ts';
import type { ChannelChoices, InterruptingChannel } from '../../values/channels.ts';
import type { QuietHours } from '../../values/preferences.ts';

export type InterruptionPreferencesRow = {
  timezone: string;
  snooze_until: string | null;
  critical_interrupts: boolean;
  quiet_hours: QuietHours | null;
  channels: ChannelChoices | null;
  has_email: boolean;
  has_phone: boolean;
  has_push: boolean;
  email_bounced: boolean;
  phone_bounced: boolean;
};

/** Columns of `WishesRow`, of users `u` and their tenants `t`. Rides on `push_subscriptions_endpoint`. */
export const interruptionPreferencesColumns = statement`
  coalesce(u.timezone, t.timezone) as timezone, u.snooze_until, u.critical_interrupts, u.quiet_hours,
  u.channels, u.email is not null as has_email, u.phone is not null as has_phone, exists (
    select from push_subscriptions s where s.tenant_id = u.tenant_id and s.user_id = u.id
  ) as has_push,
  u.email is not distinct from u.bounced_email as email_bounced,
  u.phone is not distinct from u.bounced_phone as phone_bounced`;

export const toInterruptionPreferences = (row: InterruptionPreferencesRow): InterruptionPreferences => ({
  timeZone: row.timezone,
  snoozeUntil: row.snooze_until === null ? null : Temporal.Instant.from(row.snooze_until),
  criticalInterrupts: row.critical_interrupts,
  quietHours: row.quiet_hours ?? defaultQuietHours,
  skip: {
    email: skipOf(row, 'email', row.has_email, row.email_bounced),
    sms: skipOf(row, 'sms', row.has_phone, row.phone_bounced),
    push: skipOf(row, 'push', row.has_push, false),
  },
});

function skipOf(
  { channels }: InterruptionPreferencesRow,
  channel: InterruptingChannel,
  hasAddress: boolean,
  isBounced: boolean,
): SkipReason | null {
  if (channels?.[channel] === false) return 'opted_out';
  if (!hasAddress) return 'no_address';
  return isBounced ? 'bounced' : null;
}
