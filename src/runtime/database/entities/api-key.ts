import { defineEntity, p } from '@mikro-orm/core';
import { instant, tenantId } from './columns.ts';
import { findableRows } from './row-security.ts';

/** A service's credential. Only the SHA-256 of the key is kept. */
export const ApiKey = defineEntity({
  name: 'ApiKey',
  tableName: 'api_keys',
  ...findableRows('tenant_id'),
  indexes: [
    {
      // find-api-key: the one look-up that comes before the tenant is known.
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
