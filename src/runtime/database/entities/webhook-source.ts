import { defineEntity, p } from '@mikro-orm/core';
import { instant, tenantId } from './columns.ts';
import { findableRows } from './row-security.ts';

/**
 * A service that posts by signed webhook. Both secrets are stored in plain: checking an HMAC signature needs the
 * secret that makes it. `ownIds`: the ids of its expenses begin with its own.
 */
export const WebhookSource = defineEntity({
  name: 'WebhookSource',
  tableName: 'webhook_sources',
  ...findableRows('tenant_id'),
  indexes: [
    {
      // webhook-sources: a look-up before the tenant is known.
      name: 'webhook_sources_id',
      expression: 'create unique index webhook_sources_id on webhook_sources (id)',
    },
  ],
  properties: {
    tenantId,
    id: p.uuid().primary(),
    secret: p.string().columnType('bytea'),
    previousSecret: p.string().columnType('bytea').name('previous_secret').nullable(),
    previousEndsAt: instant().name('previous_ends_at').nullable(),
    createdAt: instant().name('created_at'),
    ownIds: p.boolean().name('own_ids').default(false),
  },
});
