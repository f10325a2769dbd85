import { defineEntity, p } from '@mikro-orm/core';
import { findableRows } from './row-security.ts';

/** An organisation with services that post expenses; every other row belongs to one. */
export const Tenant = defineEntity({
  name: 'Tenant',
  tableName: 'tenants',
  ...findableRows('id'),
  properties: {
    id: p.uuid().primary(),
    name: p.text(),
    timezone: p.text(),
    currency: p.text(),
    benchmarks: p.text(),
    createdAt: p.string().columnType('timestamptz').name('created_at'),
  },
});
