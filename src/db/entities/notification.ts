import { defineEntity, p } from '@mikro-orm/core';
import type { Message } from '../../domain/notification.ts';
import { instant, tenantId, tenantRows } from './columns.ts';

/** What a person was, or is to be, told. */
export const Notification = defineEntity({
  name: 'Notification',
  tableName: 'notification_history',
  ...tenantRows,
  indexes: [
    {
      // list-notifications: a person's, newest first.
      name: 'notification_history_user',
      expression:
        'create index notification_history_user on notification_history (tenant_id, user_id, created_at desc, id desc)',
    },
    {
      // find-unfinished: committed and not yet decided or delivered.
      name: 'notification_history_pending',
      expression:
        "create index notification_history_pending on notification_history (tenant_id, created_at) where status = 'pending'",
    },
    {
      // change-rule: what is still held when a rule is switched off.
      name: 'notification_history_rule',
      expression:
        "create index notification_history_rule on notification_history (tenant_id, rule_id) where status in ('pending', 'deferred', 'capped')",
    },
  ],
  properties: {
    tenantId,
    id: p.uuid().primary(),
    userId: p.text().name('user_id'),
    type: p.text(),
    severity: p.text(),
    title: p.text(),
    message: p.text(),
    ruleId: p.uuid().name('rule_id').nullable(),
    level: p.integer().nullable(),
    isSilent: p.boolean().name('is_silent'),
    status: p.text(),
    reason: p.text().nullable(),
    until: instant().nullable(),
    mergedInto: p.uuid().name('merged_into').nullable(),
    createdAt: instant().name('created_at'),
    sentAt: instant().name('sent_at').nullable(),
    readAt: instant().name('read_at').nullable(),
  },
});

/** One notification on one channel. `message` is what was rendered, frozen with the row. */
export const NotificationDelivery = defineEntity({
  name: 'NotificationDelivery',
  tableName: 'notification_deliveries',
  ...tenantRows,
  indexes: [
    {
      // plan-deliveries, record-delivery, list-notifications: the deliveries of a notification; one a channel.
      name: 'notification_deliveries_channel',
      expression:
        'create unique index notification_deliveries_channel on notification_deliveries (tenant_id, notification_id, channel)',
    },
    {
      // find-unfinished: never rung for, or found in `sending` after a crash.
      name: 'notification_deliveries_unfinished',
      expression:
        "create index notification_deliveries_unfinished on notification_deliveries (tenant_id, changed_at) where status in ('pending', 'sending')",
    },
  ],
  properties: {
    tenantId,
    id: p.uuid().primary(),
    notificationId: p.uuid().name('notification_id'),
    channel: p.text(),
    status: p.text(),
    attempts: p.integer(),
    failureReason: p.text().name('failure_reason').nullable(),
    message: p.json<Message>(),
    changedAt: instant().name('changed_at'),
    sentAt: instant().name('sent_at').nullable(),
  },
});
