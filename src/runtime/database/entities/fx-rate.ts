import { defineEntity, p } from '@mikro-orm/core';
import { day, tenantId, tenantRows } from './columns.ts';

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
