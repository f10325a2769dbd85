import { defineEntity, p } from '@mikro-orm/core';
import { day, tenantId, tenantRows } from './columns.ts';

/** Units of `currency` that one of `base` was worth on a day, exactly as posted. */
export const FxRate = defineEntity({
  name: 'FxRate',
  tableName: 'fx_rates',
  ...tenantRows,
  indexes: [
    {
      // read-rates: the days of the currencies that are to be converted.
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
