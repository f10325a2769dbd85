import { defineEntity, p } from '@mikro-orm/core';
import { amount, instant, tenantId, tenantIdOfEvents, tenantRows } from './columns.ts';
import { findableRows } from './row-security.ts';

/**
 * A batch: the events that one commit accepted for one tenant. Batches are claimed and evaluated whole. `number` is drawn in
 * steps of a million. It plus the position of an event is the event's place in the inbox. Null is before any number.
 */
export const EventBatch = defineEntity({
  name: 'EventBatch',
  tableName: 'event_batches',
  ...findableRows('tenant_id'),
  indexes: [
    {
      // claim-batches, find-unfinished: committed batches that are not evaluated yet, oldest first.
      name: 'event_batches_pending',
      expression:
        'create index event_batches_pending on event_batches (tenant_id, received_at) where applied_at is null',
    },
    {
      // delete-old-events: applied batches, oldest first.
      name: 'event_batches_applied',
      expression:
        'create index event_batches_applied on event_batches (tenant_id, received_at) where applied_at is not null',
    },
  ],
  properties: {
    tenantId,
    id: p.uuid().primary(),
    receivedAt: instant().name('received_at'),
    appliedAt: instant().name('applied_at').nullable(),
    eventCount: p.integer().name('event_count'),
    number: p.bigint('string').nullable().autoincrement(),
  },
});

/**
 * The inbox: every accepted event. A row is written once; its evaluation may add `error`, or the event
 * of another sender that it replaced, and texts end with their expense.
 * `fingerprint` is the SHA-256 of the parsed body. It distinguishes a repeat from another event under the same id.
 * `kind` and `status` are null for a posted purchase. `merchantId` is the merchant's id of the event's source.
 */
export const Event = defineEntity({
  name: 'Event',
  tableName: 'events',
  ...tenantRows,
  indexes: [
    {
      // claim-batches, apply-within-guards, read-events: the events of a batch in inbox order.
      name: 'events_batch',
      expression: 'create index events_batch on events (tenant_id, batch_id, position)',
    },
    {
      // blank-events: the events that delete an expense. There are few.
      name: 'events_deleted',
      expression:
        "create index events_deleted on events (tenant_id, expense_id) where type = 'expense.deleted'",
    },
    {
      // blank-events: the events that replace an expense.
      name: 'events_replacing',
      expression: 'create index events_replacing on events (tenant_id, replaces) where replaces is not null',
    },
  ],
  properties: {
    tenantId: tenantIdOfEvents,
    source: p.text().primary(),
    id: p.text().primary(),
    fingerprint: p.string().columnType('bytea'),
    batchId: p.uuid().name('batch_id'),
    position: p.integer(),
    type: p.text(),
    time: instant(),
    sequence: p.text().nullable(),
    expenseId: p.text().name('expense_id'),
    userId: p.text().name('user_id').nullable(),
    categoryId: p.text().name('category_id').nullable(),
    merchant: p.text().nullable(),
    description: p.text().nullable(),
    amountMinor: amount().name('amount_minor').nullable(),
    currency: p.text().nullable(),
    spentAt: instant().name('spent_at').nullable(),
    kind: p.text().nullable(),
    status: p.text().nullable(),
    replaces: p.text().nullable(),
    merchantId: p.text().name('merchant_id').nullable(),
    mcc: p.text().nullable(),
    error: p.text().nullable(),
    replacedSource: p.text().name('replaced_source').nullable(),
    replacedId: p.text().name('replaced_id').nullable(),
  },
});
