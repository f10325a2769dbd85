import { defineEntity, p } from '@mikro-orm/core';
import { instant } from './columns.ts';

/**
 * Something that an operator, a key or the command line did, or a refused sign-in. `tenant` is no foreign key, because
 * the row outlives its tenant. `at` is the machine's time.
 */
export const AuditEvent = defineEntity({
  name: 'AuditEvent',
  tableName: 'audit_events',
  indexes: [
    {
      // audit-record: what was done to one person.
      name: 'audit_events_person',
      expression:
        'create index audit_events_person on audit_events (tenant, user_id) where user_id is not null',
    },
  ],
  properties: {
    id: p.uuid().primary(),
    at: instant(),
    action: p.text(),
    actor: p.text(),
    tenant: p.uuid().nullable(),
    userId: p.text().name('user_id').nullable(),
    subject: p.text().nullable(),
    address: p.text().nullable(),
    details: p.json<Record<string, unknown>>().nullable(),
  },
});
