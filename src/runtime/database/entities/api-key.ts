import { defineEntity, p } from '@mikro-orm/core';
import { instant, tenantId } from './columns.ts';
import { findableRows } from './row-security.ts';

/** An API key of a service. Only its SHA-256 is stored. */
export const ApiKey = defineEntity({
  name: 'ApiKey',
  tableName: 'api_keys',
  ...findableRows('tenant_id'),
  indexes: [
    {
      // api-keys: a look-up before the tenant is known.
      name: 'api_keys_hash',
      expression: 'create unique index api_keys_hash on api_keys (hash)',
    },
  ],
  properties: {
    tenantId,
    id: p.uuid().primary(),
    hash: p.string().columnType('bytea'),
    scope: p.text(),
    createdAt: instant().name('created_at'),
    revokedAt: instant().name('revoked_at').nullable(),
  },
});
