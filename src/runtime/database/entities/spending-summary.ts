import { defineEntity, p } from '@mikro-orm/core';
import { day, instant, sum, tenantId, tenantRows } from './columns.ts';

/** A person's summary of a day or, if `span` is `week`, of the seven days from `date`. */
export const SpendingSummary = defineEntity({
  name: 'SpendingSummary',
  tableName: 'daily_spending_summary',
  ...tenantRows,
  properties: {
    tenantId,
    userId: p.text().primary().name('user_id'),
    span: p.text().primary(),
    date: day().primary(),
    currency: p.text(),
    totalMinor: sum().name('total_minor'),
    transactionCount: p.integer().name('transaction_count'),
    facts: p.json<unknown>(),
    createdAt: instant().name('created_at'),
  },
});
