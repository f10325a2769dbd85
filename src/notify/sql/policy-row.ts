/**
 * Reads a notification, its rule and its recipient as the notification policy sees them. Planning, release, digests
 * and claims all read through this file: a new setting is a column here and a check in the policy.
 */
import { sql as statement } from 'kysely';
import type { Sql } from '../../runtime/database/database.ts';
import {
  type Channel,
  type ChannelChoices,
  type InterruptingChannel,
  perChannel,
} from '../../values/channels.ts';
import { defaultLocale } from '../../values/locale.ts';
import type { DigestPreferences, QuietHours } from '../../values/preferences.ts';
import { personKey, type PersonRef } from '../../values/refs.ts';
import type { Severity } from '../../values/severity.ts';
import type { NotificationStatus, NotificationType } from '../../values/statuses.ts';
import type { NotificationContent } from '../decide/content.ts';
import { defaultDigest } from '../decide/digest.ts';
import type { SkipReason } from '../decide/interruption.ts';
import type {
  InterruptionPreferences,
  PendingNotification,
  Recipient,
  RuleSettings,
} from '../decide/policy.ts';
import { defaultQuietHours } from '../decide/quiet-hours.ts';
import { personTimeZone, unconfirmedAddress } from '../../accounts/people.ts';

export type PreferencesRow = {
  timezone: string;
  person_snooze_until: string | null;
  critical_interrupts: boolean;
  person_quiet_hours: QuietHours | null;
  opt_outs: ChannelChoices | null;
  /** The channels that they have an address on. */
  reachable: InterruptingChannel[];
  /** The channels whose only address waits for a confirmation. */
  unconfirmed: InterruptingChannel[];
  /** The channels whose address bounced. */
  bounced: InterruptingChannel[];
};

/**
 * Columns of `PreferencesRow`, of users `u` and their tenants `t`. Rides on `push_subscriptions_endpoint` and
 * `address_confirmations_waiting`.
 */
export const preferencesColumns = statement`
  ${personTimeZone} as timezone, u.snooze_until as person_snooze_until, u.critical_interrupts,
  u.quiet_hours as person_quiet_hours, u.channels as opt_outs, array_remove(array[
    case when u.email is not null then 'email' end,
    case when u.phone is not null then 'sms' end,
    case when exists (
      select from push_subscriptions s where s.tenant_id = u.tenant_id and s.user_id = u.id
    ) then 'push' end
  ], null) as reachable, array_remove(array[
    case when u.email is null and ${unconfirmedAddress('email')} is not null then 'email' end,
    case when u.phone is null and ${unconfirmedAddress('sms')} is not null then 'sms' end
  ], null) as unconfirmed, array_remove(array[
    case when u.email = u.bounced_email then 'email' end,
    case when u.phone = u.bounced_phone then 'sms' end
  ], null) as bounced`;

export const toPreferences = (row: PreferencesRow): InterruptionPreferences => ({
  timeZone: row.timezone,
  snoozeUntil: instantOrNull(row.person_snooze_until),
  criticalInterrupts: row.critical_interrupts,
  quietHours: row.person_quiet_hours ?? defaultQuietHours,
  skip: perChannel((channel): SkipReason | null => {
    if (row.opt_outs?.[channel] === false) return 'opted_out';
    if (row.unconfirmed.includes(channel)) return 'not_confirmed';
    if (!row.reachable.includes(channel)) return 'no_address';
    return row.bounced.includes(channel) ? 'bounced' : null;
  }),
});

export type RuleSettingsRow = Omit<RuleSettings, 'snoozeUntil'> & { snoozeUntil: string | null };

/** A `RuleSettingsRow` as JSON, of rules `r`. */
export const ruleSettings = statement`jsonb_build_object('isActive', r.is_active,
  'isMuted', not r.notifications_enabled, 'snoozeUntil', r.snooze_until, 'quietHours', r.quiet_hours,
  'maxPerDay', r.max_notifications_per_day, 'channels', r.channels)`;

export const toRuleSettings = ({ snoozeUntil, ...settings }: RuleSettingsRow): RuleSettings => ({
  ...settings,
  snoozeUntil: instantOrNull(snoozeUntil),
});

type RecipientRow = PreferencesRow & {
  tenant_id: string;
  tenant_name: string;
  user_id: string;
  locale: string | null;
  digest: DigestPreferences | null;
  max_per_day: number | null;
  unsubscribe_key: string;
  last_digest_day: string | null;
};

/** Rides on `notification_history_digest` and `push_subscriptions_endpoint`. */
const recipientColumns = statement`
  u.tenant_id, t.name as tenant_name, u.id as user_id, u.locale, u.digest,
  u.max_notifications_per_day as max_per_day, u.unsubscribe_key, ${preferencesColumns}, (
    select max(d.digest_day)
    from notification_history d
    where d.tenant_id = u.tenant_id and d.user_id = u.id and d.digest_day is not null
  ) as last_digest_day`;

/** `configured`: the channels that this service can send on. */
export function toRecipient(row: RecipientRow, configured: ReadonlySet<Channel>): Recipient {
  const preferences = toPreferences(row);
  return {
    ...preferences,
    tenantId: row.tenant_id,
    tenantName: row.tenant_name,
    userId: row.user_id,
    locale: row.locale ?? defaultLocale,
    digest: row.digest ?? defaultDigest,
    maxPerDay: row.max_per_day,
    lastDigestDay: row.last_digest_day,
    skip: perChannel((channel) => (configured.has(channel) ? preferences.skip[channel] : 'not_configured')),
    unsubscribeKey: row.unsubscribe_key,
  };
}

/** People as recipients, by `personKey`. Rides on primary keys and those of the columns. */
export async function readRecipients(
  sql: Sql,
  people: readonly PersonRef[],
  configured: ReadonlySet<Channel>,
): Promise<Map<string, Recipient>> {
  const { rows } = await statement<RecipientRow>`
    select ${recipientColumns}
    from unnest(
      ${people.map(({ tenantId }) => tenantId)}::uuid[],
      ${people.map(({ userId }) => userId)}::text[]
    ) as asked (tenant_id, id)
    join users u using (tenant_id, id)
    join tenants t on t.id = u.tenant_id`.execute(sql);
  return new Map(
    rows.map((row) => toRecipient(row, configured)).map((recipient) => [personKey(recipient), recipient]),
  );
}

export type PolicyRow = RecipientRow & {
  id: string;
  type: NotificationType;
  severity: Severity;
  title: string;
  message: string;
  told: NotificationContent | null;
  status: NotificationStatus;
  reason: string | null;
  is_digest: boolean;
  rule: RuleSettingsRow | null;
};

/**
 * The columns of `PolicyRow` and the tables they are read from, to be followed by a `where` over notifications `n`.
 * Rides on primary keys and those of the columns.
 */
export const policyColumns = statement`
  n.id, n.type, n.severity, n.title, n.message, n.told, n.status, n.reason,
  n.digest_day is not null as is_digest, ${recipientColumns},
  case when r.id is not null then ${ruleSettings} end as rule`;
export const policyTables = statement`
  notification_history n
  join users u on u.tenant_id = n.tenant_id and u.id = n.user_id
  join tenants t on t.id = n.tenant_id
  left join smart_alert_rules r on r.tenant_id = n.tenant_id and r.id = n.rule_id`;

/** A notification written before its content was kept stays in the app alone. */
const noContent: NotificationContent = { type: 'roll_up', alerts: [] };

export const toPendingNotification = (row: PolicyRow): PendingNotification => ({
  tenantId: row.tenant_id,
  id: row.id,
  userId: row.user_id,
  type: row.type,
  severity: row.severity,
  title: row.title,
  message: row.message,
  content: withChannels(row.told ?? noContent, row.rule?.channels),
  silenced: row.reason === 'muted' || row.reason === 'on_pace' ? row.reason : null,
  isDigest: row.is_digest,
  isRenewed: false,
  rule: row.rule && toRuleSettings(row.rule),
});

/** A rule may have been given other channels since. */
const withChannels = (content: NotificationContent, channels: Channel[] | undefined): NotificationContent =>
  'channels' in content && channels ? { ...content, channels } : content;

const instantOrNull = (text: string | null): Temporal.Instant | null =>
  text === null ? null : Temporal.Instant.from(text);
