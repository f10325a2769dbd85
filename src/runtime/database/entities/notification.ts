import { defineEntity, p } from '@mikro-orm/core';
import { day, instant, tenantId, tenantRows } from './columns.ts';

/**
 * A notification. `told`: its content, from which messages are rendered. `interruptedOn`: the local day in the
 * person's daily quota against which it counts. `digestDay`: the local day of a digest. `streamNumber`: its
 * position in the person's live streams. `evaluation`: the transaction that made an alert. A deferred one with the
 * reason `grouped` waits for others, and is shown as pending (`read-group-end.ts`).
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
      // count-unread, mark-read: a person's, as long as they are not read.
      name: 'notification_history_unread',
      expression:
        'create index notification_history_unread on notification_history (tenant_id, user_id) where read_at is null',
    },
    {
      // find-unfinished: pending notifications, which are not decided or not delivered yet.
      name: 'notification_history_pending',
      expression:
        "create index notification_history_pending on notification_history (tenant_id, created_at) where status = 'pending'",
    },
    {
      // plan-notification: a person's pending alerts of one evaluation.
      name: 'notification_history_pending_user',
      expression:
        "create index notification_history_pending_user on notification_history (tenant_id, user_id) where status = 'pending'",
    },
    {
      // change-rule: pending, deferred and capped notifications of a rule that is switched off.
      name: 'notification_history_rule',
      expression:
        "create index notification_history_rule on notification_history (tenant_id, rule_id) where status in ('pending', 'deferred', 'capped')",
    },
    {
      // release-deferred, find-due-digests, find-unfinished: deferred and capped notifications, by the time they are due.
      name: 'notification_history_held',
      expression:
        "create index notification_history_held on notification_history (tenant_id, status, until) where status in ('deferred', 'capped')",
    },
    {
      // release-deferred, lock-capped, reschedule-waiting, read-group-end: a person's deferred and capped notifications.
      name: 'notification_history_held_user',
      expression:
        "create index notification_history_held_user on notification_history (tenant_id, user_id) where status in ('deferred', 'capped')",
    },
    {
      // finalize-notifications, read-notification: the alerts that a roll-up or digest contains.
      name: 'notification_history_merged',
      expression:
        'create index notification_history_merged on notification_history (tenant_id, merged_into) where merged_into is not null',
    },
    {
      // delete-old-alerts: old notifications. Rows arrive in order of time, so a BRIN index is enough.
      name: 'notification_history_age',
      expression:
        'create index notification_history_age on notification_history using brin (tenant_id, created_at) with (autosummarize = on)',
    },
    {
      // send-digests: a person has one digest of each kind for a local day.
      name: 'notification_history_digest',
      expression:
        'create unique index notification_history_digest on notification_history (tenant_id, user_id, digest_day, type) where digest_day is not null',
    },
    {
      // read-stream: the notifications after the last one shown.
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
    evaluation: p.bigint('string').nullable(),
  },
});

/**
 * One notification on one channel. `message` is rendered once, with the row; `address` is the one last used. Both end with
 * the delivery or, if the message may not have arrived, 30 days later. The digest of the address stays as long, for
 * bounces. `blankAt`: when what is left ends.
 */
export const NotificationDelivery = defineEntity({
  name: 'NotificationDelivery',
  tableName: 'notification_deliveries',
  ...tenantRows,
  indexes: [
    {
      // plan-notification, record-delivery, list-notifications: the deliveries of a notification, one per channel.
      name: 'notification_deliveries_channel',
      expression:
        'create unique index notification_deliveries_channel on notification_deliveries (tenant_id, notification_id, channel)',
    },
    {
      // claim-delivery: deliveries that have not been tried yet, by rank and age.
      name: 'notification_deliveries_waiting',
      expression:
        "create index notification_deliveries_waiting on notification_deliveries (tenant_id, channel, rank, changed_at, id) where status = 'pending' and failure_reason is null",
    },
    {
      // find-unfinished: deliveries that were never enqueued, or stayed in `sending` after a crash.
      name: 'notification_deliveries_unfinished',
      expression:
        "create index notification_deliveries_unfinished on notification_deliveries (tenant_id, changed_at) where status in ('pending', 'sending')",
    },
    {
      // blank-deliveries: deliveries that have ended and still have a text or an address.
      name: 'notification_deliveries_blank',
      expression:
        "create index notification_deliveries_blank on notification_deliveries (tenant_id, blank_at) where blank_at is not null and status not in ('pending', 'sending')",
    },
  ],
  properties: {
    tenantId,
    id: p.uuid().primary(),
    notificationId: p.uuid().name('notification_id'),
    channel: p.text(),
    /** `rankOf` in `values/rank.ts`. */
    rank: p.smallint().default(3),
    status: p.text(),
    attempts: p.integer(),
    failureReason: p.text().name('failure_reason').nullable(),
    address: p.text().nullable(),
    /** `addressDigest` in `accounts/address-digest.ts`. */
    addressDigest: p.string().columnType('bytea').name('address_digest').nullable(),
    blankAt: instant().name('blank_at').nullable().defaultRaw("'-infinity'::timestamp with time zone"),
    message: p.json<object>(),
    changedAt: instant().name('changed_at'),
    /** A pending delivery is not claimed before then. */
    retryAt: instant().name('retry_at').nullable(),
    sentAt: instant().name('sent_at').nullable(),
  },
});

/** The number of interruptions that count against a person's quota on a local day, and of SMS planned on it. */
export const DailyInterruptions = defineEntity({
  name: 'DailyInterruptions',
  tableName: 'daily_interruptions',
  ...tenantRows,
  properties: {
    tenantId,
    userId: p.text().primary().name('user_id'),
    day: day().primary(),
    count: p.integer(),
    sms: p.integer().default(0),
  },
});

/** The mails and SMS planned in a calendar month of the tenant's zone, counted while the tenant has a monthly limit. */
export const MonthlyMessages = defineEntity({
  name: 'MonthlyMessages',
  tableName: 'monthly_messages',
  ...tenantRows,
  properties: {
    tenantId,
    month: day().primary(),
    email: p.integer(),
    sms: p.integer(),
  },
});

/** The last number given in a person's live stream. The row's lock makes numbers visible in order. */
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
