import { defineEntity, p } from '@mikro-orm/core';
import { day, instant, tenantId, tenantRows } from './columns.ts';

/** An exchange rate: units of `currency` for one unit of `base` on a day, exactly as posted. */
export const FxRate = defineEntity({
  name: 'FxRate',
  tableName: 'fx_rates',
  ...tenantRows,
  indexes: [
    {
      // read-rates: the rates of the currencies to convert, by day.
      name: 'fx_rates_currency',
      expression: 'create index fx_rates_currency on fx_rates (tenant_id, currency, date)',
    },
  ],
  properties: {
    tenantId,
    date: day().primary(),
    base: p.text().primary(),
    currency: p.text().primary(),
    rate: p.string().columnType('numeric'),
  },
});

/** A change of exchange rates whose expenses are priced anew after its request was answered. */
export const Repricing = defineEntity({
  name: 'Repricing',
  tableName: 'repricings',
  ...tenantRows,
  properties: {
    tenantId,
    id: p.uuid().primary(),
    expenseCount: p.integer().name('expense_count'),
    createdAt: instant().name('created_at'),
  },
});

/** A person whose expenses of these days are still to be priced anew. */
export const StalePrices = defineEntity({
  name: 'StalePrices',
  tableName: 'stale_prices',
  ...tenantRows,
  indexes: [
    {
      // repricing-jobs: the people of one repricing who are left.
      name: 'stale_prices_repricing',
      expression: 'create index stale_prices_repricing on stale_prices (tenant_id, repricing_id)',
    },
  ],
  properties: {
    tenantId,
    userId: p.text().primary().name('user_id'),
    repricingId: p.uuid().primary().name('repricing_id'),
    firstDay: day().name('first_day'),
    lastDay: day().name('last_day'),
    expenseCount: p.integer().name('expense_count'),
  },
});
