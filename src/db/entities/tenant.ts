import { defineEntity, p } from '@mikro-orm/core';

/** Whoever runs services that post expenses; every other row belongs to one. */
export const Tenant = defineEntity({
  name: 'Tenant',
  tableName: 'tenants',
  properties: {
    id: p.uuid().primary(),
    name: p.text(),
    timezone: p.text(),
    currency: p.text(),
    benchmarks: p.text(),
    createdAt: p.string().columnType('timestamptz').name('created_at'),
  },
});
