import { defineEntity, p } from '@mikro-orm/core';
import { tenantId, tenantRows } from './columns.ts';

/** A kind of spending, registered by its first event. `benchmarkKey` null: its own id. */
export const Category = defineEntity({
  name: 'Category',
  tableName: 'categories',
  ...tenantRows,
  properties: {
    tenantId,
    id: p.text().primary(),
    name: p.text().nullable(),
    benchmarkKey: p.text().name('benchmark_key').nullable(),
  },
});
