/** Notifications as far as deciding them depends on it: each with its rule as it is now. */
import { sql as statement } from 'kysely';
import type { WaitingState } from '../decide/recheck-waiting.ts';
import type { NotificationContent } from '../decide/content.ts';
import type { PendingNotification, RuleQuotaSettings, DueNotification } from '../decide/policy.ts';
import type { NotificationStatus, NotificationType } from '../../values/statuses.ts';
import type { Severity } from '../../values/severity.ts';
import type { Channel } from '../../values/channels.ts';
import type { QuietHours } from '../../values/preferences.ts';

export type PendingNotificationRow = {
  tenant_id: string;
  id: string;
  user_id: string;
  type: NotificationType;
  severity: Severity;
  title: string;
  message: string;
  told: NotificationContent | null;
  status: NotificationStatus;
  reason: string | null;
  level: number | null;
  is_read: boolean;
  rule_name: string | null;
  budget_minor: string | null;
  currency: string | null;
  channels: Channel[] | null;
  quiet_hours: QuietHours | null;
  max_notifications_per_day: number | null;
  notifications_enabled: boolean | null;
  snooze_until: string | null;
};

/** Columns of `TellableRow`, to be followed by a `where` over `n`. Rides on the primary key of the rules. */
export const selectPendingNotifications = statement`
  select n.tenant_id, n.id, n.user_id, n.type, n.severity, n.title, n.message, n.told, n.status, n.reason,
    n.level, n.read_at is not null as is_read, r.name as rule_name, r.budget_minor, r.currency, r.channels,
    r.quiet_hours, r.max_notifications_per_day, r.notifications_enabled, r.snooze_until
  from notification_history n
  left join smart_alert_rules r on r.tenant_id = n.tenant_id and r.id = n.rule_id`;

/** What was made before its words were kept is told in the app alone. */
const wordless: NotificationContent = { type: 'roll_up', alerts: [] };

export const toPendingNotification = (row: PendingNotificationRow): PendingNotification => ({
  tenantId: row.tenant_id,
  id: row.id,
  userId: row.user_id,
  type: row.type,
  severity: row.severity,
  title: row.title,
  message: row.message,
  content: withChannels(row.told ?? wordless, row.channels),
  silenced: row.reason === 'muted' || row.reason === 'snoozed' ? row.reason : null,
  rule: ruleOf(row),
});

/** A rule may have been given other channels since. */
const withChannels = (told: NotificationContent, channels: Channel[] | null): NotificationContent =>
  'channels' in told && channels ? { ...told, channels } : told;

const ruleOf = (row: PendingNotificationRow): RuleQuotaSettings | null =>
  row.max_notifications_per_day === null
    ? null
    : {
        isMuted: row.notifications_enabled === false,
        snoozeUntil: row.snooze_until === null ? null : Temporal.Instant.from(row.snooze_until),
        quietHours: row.quiet_hours,
        maxPerDay: row.max_notifications_per_day,
      };

export type DueNotificationRow = PendingNotificationRow & {
  open_levels: number[] | null;
  spent_minor: string | null;
};

/** As `selectTellable`, with how the rule stands by now in the period told of. Rides on primary keys. */
export const selectDueNotifications = statement`
  select told.*, (
      select array_agg(a.level)
      from alert_states a
      where a.tenant_id = n.tenant_id and a.rule_id = n.rule_id
        and a.period_start = n.period_start and a.period_end = n.period_end and a.is_open
    ) as open_levels, (
      select s.spent_minor
      from rule_spend s
      where s.tenant_id = n.tenant_id and s.rule_id = n.rule_id
        and s.period_start = n.period_start and s.period_end = n.period_end
    ) as spent_minor
  from (${selectPendingNotifications}) told
  join notification_history n on n.tenant_id = told.tenant_id and n.id = told.id`;

export const toDueNotification = (row: DueNotificationRow): DueNotification => ({
  item: refreshed(row),
  state: stateOf(row),
});

const stateOf = (row: DueNotificationRow): WaitingState => ({
  type: row.type,
  level: row.level,
  isRead: row.is_read,
  openLevels: row.open_levels ?? [],
});

/** Told late, it says how things stand by then, also where the rule counts in another currency since. */
function refreshed(row: DueNotificationRow): PendingNotification {
  const item = toPendingNotification(row);
  const { content: told } = item;
  if (!('spentMinor' in told)) return item;
  const { rule_name: ruleName, spent_minor: spentMinor, budget_minor: budgetMinor, currency } = row;
  if (ruleName === null || spentMinor === null || budgetMinor === null || currency === null) return item;
  return { ...item, content: { ...told, ruleName, spentMinor, budgetMinor, currency } };
}
