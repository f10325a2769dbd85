import { defineEntity, p } from '@mikro-orm/core';
import { instant, tenantId, tenantRows } from './columns.ts';

/** A person whose spending is watched; registered by their first event or first token. */
export const User = defineEntity({
  name: 'User',
  tableName: 'users',
  ...tenantRows,
  properties: {
    tenantId,
    id: p.text().primary(),
    timezone: p.text().nullable(),
    locale: p.text().nullable(),
    email: p.text().nullable(),
    phone: p.text().nullable(),
    name: p.text().nullable(),
    benchmarkConsent: p.boolean().name('benchmark_consent').nullable(),
    registeredAt: instant().name('registered_at'),
  },
});
