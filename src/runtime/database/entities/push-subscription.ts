import { defineEntity, p } from '@mikro-orm/core';
import { instant, tenantId, tenantRows } from './columns.ts';

/** A person's browser that accepts web push (RFC 8030). The keys encrypt for it (RFC 8291), in base64url. */
export const PushSubscription = defineEntity({
  name: 'PushSubscription',
  tableName: 'push_subscriptions',
  ...tenantRows,
  indexes: [
    {
      // put-push-subscription, claim-delivery: a person's subscriptions; each endpoint once.
      name: 'push_subscriptions_endpoint',
      expression:
        'create unique index push_subscriptions_endpoint on push_subscriptions (tenant_id, user_id, endpoint)',
    },
  ],
  properties: {
    tenantId,
    id: p.uuid().primary(),
    userId: p.text().name('user_id'),
    endpoint: p.text(),
    p256dh: p.text(),
    auth: p.text(),
    createdAt: instant().name('created_at'),
  },
});
