import { defineEntity, p } from '@mikro-orm/core';
import { amount, day, figure, instant, sum, tenantId, tenantIdOfEvents, tenantRows } from './columns.ts';
import type { Threshold } from '../../../values/severity.ts';
import type { Channel } from '../../../values/channels.ts';
import type { QuietHours } from '../../../values/preferences.ts';

/**
 * A person's budget rule. `period`: a kind of the calendar, `rrule` with `periodRrule` and `periodStart`, or `once` with
 * `periodStart` and `periodEnd`, which is exclusive. `nextPeriodAt`: the instant when its next period begins in the
 * person's time zone, or when its only one closes. `carriesFrom`: the first day of its first period, into which nothing is
 * carried.
 */
export const AlertRule = defineEntity({
  name: 'AlertRule',
  tableName: 'smart_alert_rules',
  ...tenantRows,
  indexes: [
    {
      // list-rules: a person's rules, newest first.
      name: 'smart_alert_rules_user',
      expression:
        'create index smart_alert_rules_user on smart_alert_rules (tenant_id, user_id, created_at desc, id)',
    },
    {
      // read-active-rules, apply-within-guards: the rules that an evaluation of these people needs.
      name: 'smart_alert_rules_active',
      expression:
        'create index smart_alert_rules_active on smart_alert_rules (tenant_id, user_id, category_id) include (id, currency, period_start, period_end) where is_active',
    },
    {
      // open-periods: rules whose next period has begun.
      name: 'smart_alert_rules_next_period',
      expression:
        'create index smart_alert_rules_next_period on smart_alert_rules (tenant_id, next_period_at) where is_active',
    },
  ],
  properties: {
    tenantId,
    id: p.uuid().primary(),
    userId: p.text().name('user_id'),
    name: p.text(),
    categoryId: p.text().name('category_id').nullable(),
    categoryIds: p.array().columnType('text[]').name('category_ids').nullable(),
    excludeCategories: p.array().columnType('text[]').name('exclude_categories').nullable(),
    excludeMerchants: p.array().columnType('text[]').name('exclude_merchants').nullable(),
    budgetMinor: amount().name('budget_minor'),
    currency: p.text(),
    period: p.text(),
    periodRrule: p.text().name('period_rrule').nullable(),
    periodStart: day().name('period_start').nullable(),
    periodEnd: day().name('period_end').nullable(),
    rollover: p.text().default('none'),
    carriesFrom: day().name('carries_from').nullable(),
    thresholds: p.json<Threshold[]>(),
    forecastThresholds: p.json<Threshold[]>().name('forecast_thresholds').nullable(),
    everyLevel: p.boolean().name('every_level').default(false),
    channels: p.json<Channel[]>(),
    quietHours: p.json<QuietHours>().name('quiet_hours').nullable(),
    maxNotificationsPerDay: p.integer().name('max_notifications_per_day'),
    cooldownMinutes: p.integer().name('cooldown_minutes'),
    notificationsEnabled: p.boolean().name('notifications_enabled'),
    notifyOnRecovery: p.boolean().name('notify_on_recovery'),
    isActive: p.boolean().name('is_active'),
    snoozeUntil: instant().name('snooze_until').nullable(),
    nextPeriodAt: instant().name('next_period_at'),
    createdAt: instant().name('created_at'),
    updatedAt: instant().name('updated_at'),
  },
});

/**
 * Spending of a rule in a period, kept by increments; always equal to the sum over its expenses. No level opens or
 * closes while it stays from `guardLow` to just below `guardHigh`; both are null if they are not known. `leftBefore`: what
 * was left of the budget of the period before, if the rule carries it over.
 */
export const RuleSpend = defineEntity({
  name: 'RuleSpend',
  tableName: 'rule_spend',
  ...tenantRows,
  properties: {
    tenantId: tenantIdOfEvents,
    ruleId: p.uuid().primary().name('rule_id'),
    periodStart: day().primary().name('period_start'),
    periodEnd: day().primary().name('period_end'),
    spentMinor: sum().name('spent_minor'),
    guardLow: figure().name('guard_low').nullable(),
    guardHigh: figure().name('guard_high').nullable(),
    leftBefore: sum().name('left_before').nullable(),
  },
});
