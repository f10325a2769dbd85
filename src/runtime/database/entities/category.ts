import { defineEntity, p } from '@mikro-orm/core';
import { tenantId, tenantRows } from './columns.ts';

/** A spending category, registered by its first event. `benchmarkKey` null: the category's id is the key. */
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
