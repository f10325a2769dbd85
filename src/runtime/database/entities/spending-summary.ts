import { defineEntity, p } from '@mikro-orm/core';
import { day, instant, sum, tenantId, tenantRows } from './columns.ts';

/** What a person was told of a day or, with `span` `week`, of the seven from `date` on. */
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
