import { defineEntity, p } from '@mikro-orm/core';
import { amount, day, instant, sum, tenantId, tenantRows } from './columns.ts';

/**
 * The forecast of a rule's running period, as it was made on the person's local `day`. `spentMinor`: the spending of then.
 * `remainingMinor`: the quantiles of what is still to come, from 0 to 100 %, ascending. `billsMinor`: the part of it that
 * is due in the next days. `upcoming`: the recurring charges that are due before the period's end.
 */
export const RuleForecast = defineEntity({
  name: 'RuleForecast',
  tableName: 'rule_forecasts',
  ...tenantRows,
  indexes: [
    {
      // delete-rows: those of a person.
      name: 'rule_forecasts_user',
      expression: 'create index rule_forecasts_user on rule_forecasts (tenant_id, user_id)',
    },
  ],
  properties: {
    tenantId,
    ruleId: p.uuid().primary().name('rule_id'),
    userId: p.text().name('user_id'),
    periodStart: day().name('period_start'),
    periodEnd: day().name('period_end'),
    day: day(),
    madeAt: instant().name('made_at'),
    spentMinor: sum().name('spent_minor'),
    remainingMinor: p.array().columnType('bigint[]').name('remaining_minor'),
    billsMinor: amount().name('bills_minor'),
    upcoming: p.json<{ merchant: string; amountMinor: string; day: string; recurringId: string }[]>(),
    months: p.integer(),
    transactions: p.integer(),
  },
});

/**
 * How far expectations were from what came, over everybody of a tenant. `cell`: of expectations that go astray alike. Two
 * cells hold the weights of weekdays and of days of the month. `people`: how many a cell is from.
 */
export const ForecastRatio = defineEntity({
  name: 'ForecastRatio',
  tableName: 'forecast_ratios',
  ...tenantRows,
  properties: {
    tenantId,
    cell: p.text().primary(),
    people: p.integer(),
    ratios: p.array().columnType('double precision[]'),
    madeAt: instant().name('made_at'),
  },
});

/**
 * The state of one forecast level of a rule in one period. `notificationId`: the forecast that was told in this period, of
 * which there is at most one.
 */
export const ForecastState = defineEntity({
  name: 'ForecastState',
  tableName: 'forecast_states',
  ...tenantRows,
  properties: {
    tenantId,
    ruleId: p.uuid().primary().name('rule_id'),
    periodStart: day().primary().name('period_start'),
    periodEnd: day().primary().name('period_end'),
    level: p.integer().primary(),
    isOpen: p.boolean().name('is_open'),
    changedAt: instant().name('changed_at'),
    notificationId: p.uuid().name('notification_id').nullable(),
  },
});
