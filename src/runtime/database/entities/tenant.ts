import { defineEntity, p } from '@mikro-orm/core';
import { findableRows, tenantsSetting } from './row-security.ts';

/** Deletes the rows of tables without a foreign key to their tenant: those that every event writes. */
const deleteRows = {
  name: 'delete_rows',
  timing: 'before' as const,
  events: ['delete' as const],
  body: [
    `perform set_config('${tenantsSetting}', format('{%s}', old.id), true);`,
    ...['events', 'expenses', 'daily_spend', 'rule_spend'].map(
      (table) => `delete from ${table} where tenant_id = old.id;`,
    ),
    'return old;',
  ].join(' '),
};

/**
 * An organisation with services that post expenses; every other row belongs to one. `tokensValidFrom`: tokens of its people
 * issued before it are refused. A monthly limit of null: that of the settings. `confirmAddresses`: an address that its
 * services set is used once the person has confirmed it.
 */
export const Tenant = defineEntity({
  name: 'Tenant',
  tableName: 'tenants',
  ...findableRows('id'),
  triggers: [deleteRows],
  properties: {
    id: p.uuid().primary(),
    name: p.text(),
    timezone: p.text(),
    currency: p.text(),
    benchmarks: p.text(),
    createdAt: p.string().columnType('timestamptz').name('created_at'),
    tokensValidFrom: p.string().columnType('timestamptz').name('tokens_valid_from').nullable(),
    monthlyMailLimit: p.integer().name('monthly_mail_limit').nullable(),
    monthlySmsLimit: p.integer().name('monthly_sms_limit').nullable(),
    confirmAddresses: p.boolean().name('confirm_addresses').default(false),
  },
});
