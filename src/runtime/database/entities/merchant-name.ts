import { defineEntity, p } from '@mikro-orm/core';
import { tenantId, tenantRows } from './columns.ts';

/** A name that an event gave to a merchant with an id: the text as it was sent. Rows are added and never changed. */
export const MerchantName = defineEntity({
  name: 'MerchantName',
  tableName: 'merchant_names',
  ...tenantRows,
  properties: {
    tenantId,
    name: p.text().primary(),
    source: p.text().primary(),
    merchantId: p.text().primary().name('merchant_id'),
  },
});
