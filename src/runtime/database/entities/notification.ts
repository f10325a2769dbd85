import { defineEntity, p } from '@mikro-orm/core';
import { day, instant, tenantId, tenantRows } from './columns.ts';

/**
 * What a person was, or is to be, told. `told`: what its words are made of. `interruptedOn`: the local day on
 * which it holds one of the person's places. `digestDay`: the local day whose digest it is.
 * `streamNumber`: its place among what the person's live streams show.
 */
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
    {
      // wake-deferred, find-due-digests: what is held, by when it is to be looked at again.
      name: 'notification_history_held',
      expression:
        "create index notification_history_held on notification_history (tenant_id, status, until) where status in ('deferred', 'capped')",
    },
    {
      // wake-deferred, lock-capped, reschedule-held: what is held for a person.
      name: 'notification_history_held_user',
      expression:
        "create index notification_history_held_user on notification_history (tenant_id, user_id) where status in ('deferred', 'capped')",
    },
    {
      // send-digests: one of each kind for a person's local day.
      name: 'notification_history_digest',
      expression:
        'create unique index notification_history_digest on notification_history (tenant_id, user_id, digest_day, type) where digest_day is not null',
    },
    {
      // read-stream: what came after the last one shown.
      name: 'notification_history_stream',
      expression:
        'create unique index notification_history_stream on notification_history (tenant_id, user_id, stream_number) where stream_number is not null',
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
    periodStart: day().name('period_start').nullable(),
    periodEnd: day().name('period_end').nullable(),
    told: p.json<object>().nullable(),
    isSilent: p.boolean().name('is_silent'),
    status: p.text(),
    reason: p.text().nullable(),
    until: instant().nullable(),
    mergedInto: p.uuid().name('merged_into').nullable(),
    createdAt: instant().name('created_at'),
    sentAt: instant().name('sent_at').nullable(),
    readAt: instant().name('read_at').nullable(),
    interruptedOn: day().name('interrupted_on').nullable(),
    digestDay: day().name('digest_day').nullable(),
    streamNumber: p.bigint('string').name('stream_number').nullable(),
  },
});

/** One notification on one channel. `message` is what was rendered, frozen with the row; `address`, where it went last. */
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
    address: p.text().nullable(),
    message: p.json<object>(),
    changedAt: instant().name('changed_at'),
    sentAt: instant().name('sent_at').nullable(),
  },
});

/** How often a person was interrupted on a local day. */
export const DailyInterruptions = defineEntity({
  name: 'DailyInterruptions',
  tableName: 'daily_interruptions',
  ...tenantRows,
  properties: {
    tenantId,
    userId: p.text().primary().name('user_id'),
    day: day().primary(),
    count: p.integer(),
  },
});

/** The last number given on a person's live stream; its lock makes numbers visible in their order. */
export const StreamHead = defineEntity({
  name: 'StreamHead',
  tableName: 'stream_heads',
  ...tenantRows,
  properties: {
    tenantId,
    userId: p.text().primary().name('user_id'),
    lastNumber: p.bigint('string').name('last_number'),
  },
});
