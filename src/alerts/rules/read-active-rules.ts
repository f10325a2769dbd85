/** Reads people's active rules, as an evaluation of their spending needs them. */
import { sql as statement } from 'kysely';
import type { Rollover } from '../decide/rollover.ts';
import type { Rule } from '../decide/rule.ts';
import type { Sql } from '../../runtime/database/database.ts';
import type { Threshold } from '../../values/severity.ts';
import type { Channel } from '../../values/channels.ts';
import type { QuietHours } from '../../values/preferences.ts';
import { personKey, type PersonRef } from '../../values/refs.ts';
import { type PeriodRow, toBudgetPeriod } from './stored-period.ts';

export type RuleRow = PeriodRow & {
  tenant_id: string;
  id: string;
  user_id: string;
  name: string;
  category_id: string | null;
  category_ids: string[] | null;
  exclude_categories: string[] | null;
  exclude_merchants: string[] | null;
  budget_minor: string;
  currency: string;
  rollover: string;
  carries_from: string | null;
  thresholds: Threshold[];
  /** Null, and absent in a row that a process of the version before has cached: none. */
  forecast_thresholds?: Threshold[] | null;
  every_level?: boolean;
  channels: Channel[];
  quiet_hours: QuietHours | null;
  max_notifications_per_day: number;
  cooldown_minutes: number;
  notifications_enabled: boolean;
  notify_on_recovery: boolean;
  is_active: boolean;
  snooze_until: string | null;
};

/** The columns of a `RuleRow`, from a rule `r`. */
export const ruleFields = statement`
  r.tenant_id, r.id, r.user_id, r.name, r.category_id, r.category_ids, r.exclude_categories, r.exclude_merchants, r.budget_minor, r.currency, r.period, r.rollover, r.carries_from, r.thresholds, r.forecast_thresholds,
  r.every_level,  r.channels, r.quiet_hours, r.max_notifications_per_day, r.cooldown_minutes, r.notifications_enabled,
  r.notify_on_recovery, r.is_active, r.snooze_until, r.period_rrule, r.period_start, r.period_end`;

export const toRule = (row: RuleRow): Rule => ({
  tenantId: row.tenant_id,
  id: row.id,
  userId: row.user_id,
  name: row.name,
  categoryId: row.category_id,
  categoryIds: row.category_ids,
  excludeCategories: row.exclude_categories ?? [],
  excludeMerchants: row.exclude_merchants ?? [],
  budgetMinor: BigInt(row.budget_minor),
  currency: row.currency,
  period: toBudgetPeriod(row),
  // Only values of the type are ever stored.
  rollover: row.rollover as Rollover,
  carriesFrom: row.carries_from,
  thresholds: row.thresholds,
  forecastThresholds: row.forecast_thresholds ?? [],
  everyLevel: row.every_level ?? false,
  channels: row.channels,
  quietHours: row.quiet_hours,
  maxNotificationsPerDay: row.max_notifications_per_day,
  cooldownMinutes: row.cooldown_minutes,
  notificationsEnabled: row.notifications_enabled,
  notifyOnRecovery: row.notify_on_recovery,
  isActive: row.is_active,
  snoozeUntil: row.snooze_until === null ? null : Temporal.Instant.from(row.snooze_until),
});

/** Returns the active rules of each person by `personKey`. Rides on `smart_alert_rules_active`. */
export async function readActiveRules(sql: Sql, people: readonly PersonRef[]): Promise<Map<string, Rule[]>> {
  const { rows } = await statement<RuleRow>`
    select ${ruleFields}
    from unnest(
      ${people.map((person) => person.tenantId)}::uuid[],
      ${people.map((person) => person.userId)}::text[]
    ) as asked (tenant_id, user_id)
    join smart_alert_rules r using (tenant_id, user_id)
    where r.is_active`.execute(sql);
  return Map.groupBy(rows.map(toRule), personKey);
}
