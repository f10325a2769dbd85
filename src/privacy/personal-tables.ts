/**
 * Every table of the database: how the rows of one person are found in it and where they are exported, or why it holds
 * nothing of a person. A test compares the list with the database, so a new table must be added here.
 */
import { type RawBuilder, sql as statement } from 'kysely';
import type { PersonRef } from '../values/refs.ts';

/**
 * How rows are found: by the person's id in a column, by the person's rules, or by the person's notifications. The others
 * have statements of their own.
 */
export type Reach = 'user_id' | 'id' | 'rule' | 'notification' | 'inbox' | 'benchmarks' | 'audit';

/** `exported`: the key of the export, or the reason why the rows are not in it. */
export type PersonalTable = { reach: Reach; exported: string | { never: string } };

const bookkeeping = { never: 'holds times and ids of work to do' } as const;

export const personalTables = {
  events: { reach: 'inbox', exported: 'events' },
  expenses: { reach: 'user_id', exported: 'expenses' },
  daily_spend: { reach: 'user_id', exported: { never: 'sums of the expenses' } },
  alert_states: { reach: 'rule', exported: 'alerts' },
  forecast_states: { reach: 'rule', exported: 'alerts' },
  rule_forecasts: { reach: 'user_id', exported: 'forecasts' },
  alert_decisions: { reach: 'rule', exported: 'decisions' },
  rule_spend: { reach: 'rule', exported: 'rules' },
  smart_alert_rules: { reach: 'user_id', exported: 'rules' },
  notification_deliveries: { reach: 'notification', exported: 'notifications' },
  notification_history: { reach: 'user_id', exported: 'notifications' },
  daily_interruptions: { reach: 'user_id', exported: { never: 'counts the notifications of the last days' } },
  stream_heads: { reach: 'user_id', exported: bookkeeping },
  push_subscriptions: { reach: 'user_id', exported: 'addresses' },
  stale_prices: { reach: 'user_id', exported: bookkeeping },
  address_confirmations: { reach: 'user_id', exported: 'addresses' },
  stale_profiles: { reach: 'user_id', exported: bookkeeping },
  user_spending_profiles: { reach: 'user_id', exported: 'profile' },
  merchant_consolidation_analysis: { reach: 'user_id', exported: 'profile' },
  smart_recommendations: { reach: 'user_id', exported: 'recommendations' },
  anomalies: { reach: 'user_id', exported: 'anomalies' },
  recurring_charges: { reach: 'user_id', exported: 'recurring' },
  daily_spending_summary: { reach: 'user_id', exported: 'dailySummaries' },
  benchmark_people: { reach: 'benchmarks', exported: 'benchmarkMonths' },
  audit_events: {
    reach: 'audit',
    exported: { never: 'what operators and keys did; a hash takes the place of the id' },
  },
  set_aside: { reach: 'user_id', exported: bookkeeping },
  users: { reach: 'id', exported: 'person' },
} as const satisfies Record<string, PersonalTable>;

export type PersonalTableName = keyof typeof personalTables;

/** Tables with rows of a tenant that hold nothing of a person. */
export const tablesOfTenants = {
  api_keys: 'keys of services, as hashes',
  webhook_sources: 'services that post',
  categories: 'words of the tenant; the export names those that the person uses',
  merchant_names: 'names of merchants, by the ids that sources give them',
  event_batches: 'times and numbers of events',
  forecast_ratios: 'ratios over ten people or more',
  fx_rates: 'rates of the tenant',
  repricings: 'changes of rates and how many expenses they concern',
  spending_benchmarks: 'figures of ten people or more; smaller ones with the person in them are deleted too',
  monthly_messages: 'numbers of messages of a tenant',
  erased_people: 'keyed hashes of who was erased, for 30 days',
} as const;

/** The other tables, which hold nothing of a person. */
export const otherTables = {
  tenants: 'the organisations themselves',
  job_runs: 'runs of scheduled jobs',
  service_clock: 'the offset of the clock',
  service_keys: 'half of the key of the hashes',
  schema_migrations: 'names of migrations',
} as const;

/** The condition for the rows `held` of a person. Rides on primary keys and the indexes by person. */
export function rowsOf(reach: Reach, { tenantId, userId }: PersonRef): RawBuilder<unknown> {
  const ofTenant = statement`held.tenant_id = ${tenantId}`;
  switch (reach) {
    case 'id':
      return statement`${ofTenant} and held.id = ${userId}`;
    case 'rule':
      return statement`${ofTenant} and held.rule_id in (
        select id from smart_alert_rules where tenant_id = ${tenantId} and user_id = ${userId}
      )`;
    case 'notification':
      return statement`${ofTenant} and held.notification_id in (
        select id from notification_history where tenant_id = ${tenantId} and user_id = ${userId}
      )`;
    case 'user_id':
    case 'inbox':
    case 'benchmarks':
    case 'audit':
      return statement`${ofTenant} and held.user_id = ${userId}`;
  }
}
