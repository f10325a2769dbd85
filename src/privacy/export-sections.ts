/**
 * The lists of an export: a query for each key, and how its columns are written. Only the person's own rows, without keys
 * and hashes. Amounts are decimal strings beside their `currency`, as in the API.
 */
import { type RawBuilder, sql as statement } from 'kysely';
import { shownStatus } from '../notify/sql/read-group-end.ts';
import type { PersonRef } from '../values/refs.ts';

/**
 * `instants` and `amounts`: columns that hold an instant, or minor units of the row's `currency`. `lists`: columns that hold
 * a list of objects, each with the names of their amounts. Others stay as they are.
 */
export type Section = {
  key: string;
  query: (person: PersonRef) => RawBuilder<ExportRow>;
  instants?: readonly string[];
  amounts?: readonly string[];
  lists?: Readonly<Record<string, readonly string[]>>;
};

export type ExportRow = Record<string, unknown> & { currency?: string };

/** Amounts that were not rounded are rounded to minor units. */
const rounded = (column: string) => statement`round(${statement.ref(column)})`;

export const sections: readonly Section[] = [
  {
    key: 'categories',
    query: ({ tenantId, userId }) => statement<ExportRow>`
      select used.id, c.name
      from (
        select category_id as id from daily_spend where tenant_id = ${tenantId} and user_id = ${userId}
        union
        select category_id from smart_alert_rules
        where tenant_id = ${tenantId} and user_id = ${userId} and category_id is not null
      ) used
      left join categories c on c.tenant_id = ${tenantId} and c.id = used.id
      order by used.id`,
  },
  {
    key: 'expenses',
    instants: ['spentAt', 'eventTime'],
    amounts: ['amount'],
    query: ({ tenantId, userId }) => statement<ExportRow>`
      select id, category_id as "categoryId", merchant, description, amount_minor as amount, currency,
        spent_at as "spentAt", day, event_source as source, event_id as "eventId", event_time as "eventTime",
        event_type as "eventType", event_sequence as "eventSequence", tied_events as "tiedEvents",
        coalesce(kind, 'purchase') as kind, coalesce(status, 'posted') as status, merchant_id as "merchantId",
        merchant_source as "merchantSource", mcc
      from expenses
      where tenant_id = ${tenantId} and user_id = ${userId}
      order by day, id`,
  },
  {
    key: 'events',
    instants: ['time', 'receivedAt', 'appliedAt', 'spentAt'],
    amounts: ['amount'],
    query: ({ tenantId, userId }) => statement<ExportRow>`
      select e.source, e.id, e.type, e.time, e.sequence, b.received_at as "receivedAt", b.applied_at as "appliedAt",
        e.expense_id as "expenseId", e.category_id as "categoryId", e.merchant, e.description,
        e.amount_minor as amount, e.currency, e.spent_at as "spentAt", e.error,
        e.replaced_source as "replacedSource", e.replaced_id as "replacedId", coalesce(e.kind, 'purchase') as kind,
        coalesce(e.status, 'posted') as status, e.replaces, e.merchant_id as "merchantId", e.mcc
      from events e left join event_batches b on b.tenant_id = e.tenant_id and b.id = e.batch_id
      where e.tenant_id = ${tenantId} and e.user_id = ${userId}
      order by e.source, e.id`,
  },
  {
    key: 'rules',
    instants: ['snoozeUntil', 'createdAt', 'updatedAt'],
    amounts: ['budgetAmount'],
    lists: { periods: ['spent', 'leftBefore'] },
    query: ({ tenantId, userId }) => statement<ExportRow>`
      select id, name, category_id as "categoryId", category_ids as "categoryIds",
        exclude_categories as "excludeCategories", exclude_merchants as "excludeMerchants",
        budget_minor as "budgetAmount", currency, rollover, thresholds,
        coalesce(forecast_thresholds, '[]') as "forecastThresholds", every_level as "everyLevel",
        case period
          when 'rrule' then jsonb_build_object('rrule', period_rrule, 'start', period_start)
          when 'once' then jsonb_build_object('start', period_start, 'end', period_end)
          else to_jsonb(period)
        end as period, channels, quiet_hours as "quietHours", max_notifications_per_day as "maxNotificationsPerDay",
        cooldown_minutes as "cooldownMinutes", notifications_enabled as "notificationsEnabled",
        notify_on_recovery as "notifyOnRecovery", is_active as "isActive", snooze_until as "snoozeUntil",
        created_at as "createdAt", updated_at as "updatedAt", (
          select coalesce(jsonb_agg(jsonb_build_object('periodStart', k.period_start, 'periodEnd', k.period_end,
            'spent', k.spent_minor::text, 'leftBefore', k.left_before::text) order by k.period_start), '[]')
          from rule_spend k where k.tenant_id = r.tenant_id and k.rule_id = r.id
        ) as periods
      from smart_alert_rules r
      where tenant_id = ${tenantId} and user_id = ${userId}
      order by created_at, id`,
  },
  {
    key: 'alerts',
    instants: ['changedAt', 'notifiedAt'],
    query: ({ tenantId, userId }) => statement<ExportRow>`
      select s.rule_id as "ruleId", s.period_start as "periodStart", s.period_end as "periodEnd", s.level,
        s.basis, s.is_open as "isOpen", s.changed_at as "changedAt", s.notified_at as "notifiedAt"
      from smart_alert_rules r
      join lateral (
        select rule_id, period_start, period_end, level, 'actual' as basis, is_open, changed_at, notified_at
        from alert_states where tenant_id = r.tenant_id and rule_id = r.id
        union all
        select rule_id, period_start, period_end, level, 'forecast', is_open, changed_at, null
        from forecast_states where tenant_id = r.tenant_id and rule_id = r.id
      ) s on true
      where r.tenant_id = ${tenantId} and r.user_id = ${userId}
      order by s.rule_id, s.period_start, s.period_end, s.level, s.basis`,
  },
  {
    key: 'decisions',
    instants: ['at', 'until'],
    amounts: ['spent', 'budget'],
    query: ({ tenantId, userId }) => statement<ExportRow>`
      select d.rule_id as "ruleId", d.at, d.level, coalesce(d.basis, 'actual') as basis, d.outcome, d.period_start as "periodStart",
        d.spent_minor as spent, d.budget_minor as budget, d.currency, d.expense_id as "expenseId",
        d.notification_id as "notificationId", d.until
      from smart_alert_rules r join alert_decisions d on d.tenant_id = r.tenant_id and d.rule_id = r.id
      where r.tenant_id = ${tenantId} and r.user_id = ${userId}
      order by d.rule_id, d.number`,
  },
  {
    key: 'notifications',
    instants: ['until', 'createdAt', 'sentAt', 'readAt'],
    query: ({ tenantId, userId }) => statement<ExportRow>`
      select id, type, severity, title, message, told as content, rule_id as "ruleId", level,
        period_start as "periodStart", period_end as "periodEnd", ${shownStatus} as status, reason, until,
        merged_into as "mergedInto", created_at as "createdAt", sent_at as "sentAt", read_at as "readAt", (
          select coalesce(jsonb_agg(jsonb_build_object('channel', d.channel, 'status', d.status,
            'attempts', d.attempts, 'failureReason', d.failure_reason, 'address', d.address) order by d.channel), '[]')
          from notification_deliveries d where d.tenant_id = n.tenant_id and d.notification_id = n.id
        ) as deliveries
      from notification_history n
      where tenant_id = ${tenantId} and user_id = ${userId}
      order by created_at, id`,
  },
  {
    key: 'forecasts',
    instants: ['madeAt'],
    amounts: ['spent', 'bills'],
    lists: { upcoming: ['amount'] },
    query: ({ tenantId, userId }) => statement<ExportRow>`
      select f.rule_id as "ruleId", f.period_start as "periodStart", f.period_end as "periodEnd", f.day,
        f.made_at as "madeAt", f.spent_minor as spent, f.bills_minor as bills, r.currency, f.months, f.transactions, (
          select coalesce(jsonb_agg(jsonb_build_object('merchant', each ->> 'merchant', 'amount',
            each ->> 'amountMinor', 'date', each ->> 'day', 'recurringId', each ->> 'recurringId')), '[]')
          from jsonb_array_elements(f.upcoming) each
        ) as upcoming, (
          select jsonb_agg(quantile::text) from unnest(f.remaining_minor) quantile
        ) as "remainingMinor"
      from rule_forecasts f join smart_alert_rules r on r.tenant_id = f.tenant_id and r.id = f.rule_id
      where f.tenant_id = ${tenantId} and f.user_id = ${userId}
      order by f.rule_id`,
  },
  {
    key: 'recurring',
    instants: ['decidedAt', 'createdAt', 'changedAt'],
    amounts: ['amount', 'lastAmount', 'priceBefore'],
    query: ({ tenantId, userId }) => statement<ExportRow>`
      select id, merchant, category_id as "categoryId", currency, cadence, every_days as "everyDays",
        day_of_month as "dayOfMonth", state, decision, decided_at as "decidedAt", is_variable as "isVariable",
        amount_minor as amount, last_amount_minor as "lastAmount", price_before_minor as "priceBefore",
        price_since as "priceSince", price_charges as "priceCharges", occurrences, first_day as "firstDay",
        last_day as "lastDay", last_expense_id as "lastExpenseId", next_day as "nextDay", missed_day as "missedDay",
        doubled_day as "doubledDay", doubled_expense_id as "doubledExpenseId", created_at as "createdAt",
        changed_at as "changedAt"
      from recurring_charges
      where tenant_id = ${tenantId} and user_id = ${userId}
      order by created_at, id`,
  },
  {
    key: 'anomalies',
    instants: ['decidedAt', 'createdAt', 'changedAt'],
    amounts: ['amount', 'expected'],
    query: ({ tenantId, userId }) => statement<ExportRow>`
      select id, type, expense_id as "expenseId", day, merchant, category_id as "categoryId", currency,
        amount_minor as amount, expected_minor as expected, details, is_late as "isLate", is_open as "isOpen", verdict,
        decided_at as "decidedAt", notification_id as "notificationId", created_at as "createdAt",
        changed_at as "changedAt"
      from anomalies
      where tenant_id = ${tenantId} and user_id = ${userId}
      order by created_at, id`,
  },
  {
    key: 'recommendations',
    instants: ['createdAt', 'updatedAt', 'expiresAt', 'decidedAt', 'measureAt', 'toldAt'],
    amounts: [
      'estimatedMonthlySavings',
      'baseline',
      'measuredMonthlySavings',
      'measuredLow',
      'measuredHigh',
      'worth',
    ],
    query: ({ tenantId, userId }) => statement<ExportRow>`
      select id, type, category_id as "categoryId", status, currency,
        monthly_saving_minor as "estimatedMonthlySavings", savings_pct as "savingsPct", confidence, difficulty,
        evidence, created_at as "createdAt", updated_at as "updatedAt", expires_at as "expiresAt",
        decided_at as "decidedAt", dismiss_reason as "dismissReason", ${rounded('baseline_minor')} as baseline,
        measured_months as "measuredMonths", measure_at as "measureAt", measured_minor as "measuredMonthlySavings",
        measured_low_minor as "measuredLow", measured_high_minor as "measuredHigh", worth, told_at as "toldAt",
        expiry_reason as "reason"
      from smart_recommendations
      where tenant_id = ${tenantId} and user_id = ${userId}
      order by created_at, id`,
  },
  {
    key: 'profile',
    instants: ['computedAt'],
    amounts: ['monthlyAverage', 'averageTransaction'],
    query: ({ tenantId, userId }) => statement<ExportRow>`
      select p.category_id as "categoryId", p.currency, p.months, p.transaction_count as "transactionCount",
        ${rounded('p.monthly_average')} as "monthlyAverage", ${rounded('p.average_transaction')} as "averageTransaction",
        p.transactions_per_month as "transactionsPerMonth", p.trend_pct as "trendPct", p.volatility,
        p.computed_at as "computedAt", m.merchants
      from user_spending_profiles p
      left join merchant_consolidation_analysis m on m.tenant_id = p.tenant_id and m.user_id = p.user_id
        and m.category_id = p.category_id
      where p.tenant_id = ${tenantId} and p.user_id = ${userId}
      order by p.category_id`,
  },
  {
    key: 'dailySummaries',
    instants: ['createdAt'],
    amounts: ['total'],
    query: ({ tenantId, userId }) => statement<ExportRow>`
      select span, date, currency, total_minor as total, transaction_count as "transactionCount", facts,
        created_at as "createdAt"
      from daily_spending_summary
      where tenant_id = ${tenantId} and user_id = ${userId}
      order by span, date`,
  },
  {
    key: 'benchmarkMonths',
    amounts: ['spent'],
    query: ({ tenantId, userId }) => statement<ExportRow>`
      select p.month, own.benchmark_key as "benchmarkKey", ${rounded('own.spent_minor')} as spent, t.currency,
        own.percentile_rank as "percentileRank"
      from benchmark_people p
      join tenants t on t.id = p.tenant_id
      cross join unnest(p.benchmark_keys, p.spent_minor, p.percentile_ranks)
        as own (benchmark_key, spent_minor, percentile_rank)
      where p.tenant_id = ${tenantId} and p.user_id = ${userId}
      order by p.month, own.benchmark_key`,
  },
];
