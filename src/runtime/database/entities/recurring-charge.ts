import { defineEntity, p } from '@mikro-orm/core';
import { amount, day, instant, tenantId, tenantRows } from './columns.ts';

/**
 * A stream of a person's charges at one merchant with even gaps, as the last rebuild of their profile found it. It is due
 * every `everyDays`, or on the `dayOfMonth` of each month, third month or twelfth. `decision`: what the person said.
 *
 * `priceBeforeMinor`, `priceSince`, `priceCharges`: the price before its last change, the day of the first charge at the
 * new one, and how many had it. `missedDay`: the last due day without a charge. `doubled…`: the last one that came twice.
 */
export const RecurringCharge = defineEntity({
  name: 'RecurringCharge',
  tableName: 'recurring_charges',
  ...tenantRows,
  indexes: [
    {
      // list-recurring: a person's, newest first. rebuild-recurring: all of a person.
      name: 'recurring_charges_user',
      expression:
        'create index recurring_charges_user on recurring_charges (tenant_id, user_id, created_at desc, id)',
    },
    {
      // delete-old-insight: those whose last charge is too old to be read.
      name: 'recurring_charges_last_day',
      expression: 'create index recurring_charges_last_day on recurring_charges (tenant_id, last_day)',
    },
  ],
  properties: {
    tenantId,
    id: p.uuid().primary(),
    userId: p.text().name('user_id'),
    merchantKey: p.text().name('merchant_key'),
    merchant: p.text(),
    categoryId: p.text().name('category_id'),
    currency: p.text(),
    cadence: p.text(),
    everyDays: p.integer().name('every_days').nullable(),
    dayOfMonth: p.integer().name('day_of_month').nullable(),
    state: p.text(),
    decision: p.text().nullable(),
    decidedAt: instant().name('decided_at').nullable(),
    isVariable: p.boolean().name('is_variable'),
    amountMinor: amount().name('amount_minor'),
    lastAmountMinor: amount().name('last_amount_minor'),
    priceBeforeMinor: amount().name('price_before_minor').nullable(),
    priceSince: day().name('price_since').nullable(),
    priceCharges: p.integer().name('price_charges').nullable(),
    occurrences: p.integer(),
    firstDay: day().name('first_day'),
    lastDay: day().name('last_day'),
    lastExpenseId: p.text().name('last_expense_id'),
    nextDay: day().name('next_day').nullable(),
    missedDay: day().name('missed_day').nullable(),
    doubledDay: day().name('doubled_day').nullable(),
    doubledExpenseId: p.text().name('doubled_expense_id').nullable(),
    createdAt: instant().name('created_at'),
    changedAt: instant().name('changed_at'),
  },
});
