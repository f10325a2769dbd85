import { defineEntity, p } from '@mikro-orm/core';
import { amount, day, instant, sum, tenantIdOfEvents, tenantRows } from './columns.ts';

/** Migrations 32 and 44 say why. */
const forgetTies = {
  name: 'forget_ties',
  timing: 'before' as const,
  events: ['update' as const],
  when: '((old.event_number = new.event_number) AND ((old.event_id <> new.event_id) OR (old.event_source <> new.event_source)))',
  body: 'new.event_type := null; new.event_sequence := null; new.event_number := null; new.tied_events := null; new.kind := null; new.status := null; new.merchant_id := null; new.merchant_source := null; new.mcc := null; return new;',
};

/**
 * An expense as its latest event left it. A deleted expense stays as a tombstone with null facts, so that a late
 * event can be compared with it. `tiedEvents` are pairs of source and id: the last other events of the same time.
 * `postedAt`: when it was stored, if its sender dates the event an hour or more after the spending. `kind` and `status` are
 * null for a posted purchase. `merchantId` is the merchant's id of `merchantSource`; both are null if only its name is known.
 * `day`: the local day that it counts in; null for a transfer.
 */
export const Expense = defineEntity({
  name: 'Expense',
  tableName: 'expenses',
  ...tenantRows,
  triggers: [forgetTies],
  indexes: [
    {
      // rebuild-spending, compare-spending, list-expenses: a person's live expenses by day.
      name: 'expenses_user_day',
      expression:
        'create index expenses_user_day on expenses (tenant_id, user_id, day) where user_id is not null',
    },
    {
      // read-late: what was posted since a person's last digest.
      name: 'expenses_posted',
      expression:
        'create index expenses_posted on expenses (tenant_id, user_id, posted_at) where posted_at is not null',
    },
    {
      // measure-cohorts: pending expenses, which make no benchmark.
      name: 'expenses_pending',
      expression: "create index expenses_pending on expenses (tenant_id, day) where status = 'pending'",
    },
  ],
  properties: {
    tenantId: tenantIdOfEvents,
    id: p.text().primary(),
    eventTime: instant().name('event_time'),
    eventId: p.text().name('event_id'),
    eventSource: p.text().name('event_source'),
    eventType: p.text().name('event_type').nullable(),
    eventSequence: p.text().name('event_sequence').nullable(),
    eventNumber: p.bigint('string').name('event_number').nullable(),
    tiedEvents: p.json().name('tied_events').nullable(),
    userId: p.text().name('user_id').nullable(),
    categoryId: p.text().name('category_id').nullable(),
    merchant: p.text().nullable(),
    description: p.text().nullable(),
    amountMinor: amount().name('amount_minor').nullable(),
    currency: p.text().nullable(),
    spentAt: instant().name('spent_at').nullable(),
    postedAt: instant().name('posted_at').nullable(),
    day: day().nullable(),
    kind: p.text().nullable(),
    status: p.text().nullable(),
    merchantId: p.text().name('merchant_id').nullable(),
    merchantSource: p.text().name('merchant_source').nullable(),
    mcc: p.text().nullable(),
  },
});

/** A person's spending in a category on a local day, by currency. A period can be summed from these rows. */
export const DailySpend = defineEntity({
  name: 'DailySpend',
  tableName: 'daily_spend',
  ...tenantRows,
  indexes: [
    {
      // compute-benchmarks: everybody's months. Rows arrive roughly in order of days, so a BRIN index is enough.
      name: 'daily_spend_day',
      expression:
        'create index daily_spend_day on daily_spend using brin (tenant_id, day) with (autosummarize = on)',
    },
  ],
  properties: {
    tenantId: tenantIdOfEvents,
    userId: p.text().primary().name('user_id'),
    day: day().primary(),
    categoryId: p.text().primary().name('category_id'),
    currency: p.text().primary(),
    amountMinor: sum().name('amount_minor'),
    count: p.integer().name('expense_count'),
  },
});
