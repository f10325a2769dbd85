import { defineEntity, p } from '@mikro-orm/core';
import { amount, day, instant, sum, tenantIdOfEvents, tenantRows } from './columns.ts';

/**
 * An expense as its latest event left it. A deleted expense stays as a tombstone with null facts, so that a late
 * event can be compared with it.
 */
export const Expense = defineEntity({
  name: 'Expense',
  tableName: 'expenses',
  ...tenantRows,
  indexes: [
    {
      // rebuild-spending, compare-spending: a person's live expenses by day.
      name: 'expenses_user_day',
      expression:
        'create index expenses_user_day on expenses (tenant_id, user_id, day) where user_id is not null',
    },
  ],
  properties: {
    tenantId: tenantIdOfEvents,
    id: p.text().primary(),
    eventTime: instant().name('event_time'),
    eventId: p.text().name('event_id'),
    eventSource: p.text().name('event_source'),
    userId: p.text().name('user_id').nullable(),
    categoryId: p.text().name('category_id').nullable(),
    merchant: p.text().nullable(),
    description: p.text().nullable(),
    amountMinor: amount().name('amount_minor').nullable(),
    currency: p.text().nullable(),
    spentAt: instant().name('spent_at').nullable(),
    day: day().nullable(),
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
