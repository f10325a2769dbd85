import { defineEntity, p } from '@mikro-orm/core';
import { amount, day, instant, tenantId, tenantRows } from './columns.ts';

/**
 * What is out of the ordinary about a charge. `subject`: the expense that it is about, so that it is told once. `day`: the day of
 * the expense, or the one on which a missed charge was due. `isLate`: found when that was long over, and listed alone. `isOpen`:
 * it still holds. `verdict`: what the person said of it. `notificationId`: null if none was made.
 */
export const AnomalyRow = defineEntity({
  name: 'AnomalyRow',
  tableName: 'anomalies',
  ...tenantRows,
  indexes: [
    {
      // rebuild-anomalies: all of a person. write-anomalies: each is written once.
      name: 'anomalies_subject',
      expression: 'create unique index anomalies_subject on anomalies (tenant_id, user_id, type, subject)',
    },
    {
      // list-anomalies: a person's, newest first.
      name: 'anomalies_user',
      expression: 'create index anomalies_user on anomalies (tenant_id, user_id, created_at desc, id)',
    },
    {
      // delete-old-insight: those of old days.
      name: 'anomalies_day',
      expression: 'create index anomalies_day on anomalies (tenant_id, day)',
    },
  ],
  properties: {
    tenantId,
    id: p.uuid().primary(),
    userId: p.text().name('user_id'),
    type: p.text(),
    subject: p.text(),
    expenseId: p.text().name('expense_id').nullable(),
    day: day(),
    merchantKey: p.text().name('merchant_key'),
    merchant: p.text(),
    categoryId: p.text().name('category_id'),
    currency: p.text(),
    amountMinor: amount().name('amount_minor'),
    expectedMinor: amount().name('expected_minor').nullable(),
    details: p.json(),
    isLate: p.boolean().name('is_late'),
    isOpen: p.boolean().name('is_open'),
    verdict: p.text().nullable(),
    decidedAt: instant().name('decided_at').nullable(),
    notificationId: p.uuid().name('notification_id').nullable(),
    createdAt: instant().name('created_at'),
    changedAt: instant().name('changed_at'),
  },
});
