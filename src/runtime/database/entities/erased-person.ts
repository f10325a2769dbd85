import { defineEntity, p } from '@mikro-orm/core';
import { instant, tenantId, tenantRows } from './columns.ts';

/**
 * An erasure, kept for 30 days. `person`: the keyed hash of the person's id. `erasedAt`: events received before it are
 * deleted, by the service's clock. `tokensFrom`: tokens issued before it are refused, by the real time. `userId`: the
 * person, until the last step is done. `isThere`: whether the row in `users` is still that of the erased person.
 */
export const ErasedPerson = defineEntity({
  name: 'ErasedPerson',
  tableName: 'erased_people',
  ...tenantRows,
  indexes: [
    {
      // claim-batches, erased-people: the latest erasures, and the oldest.
      name: 'erased_people_at',
      expression: 'create index erased_people_at on erased_people (tenant_id, erased_at)',
    },
    {
      // erased-people: erasures that a crash left unfinished.
      name: 'erased_people_unfinished',
      expression:
        'create index erased_people_unfinished on erased_people (tenant_id, erased_at) where user_id is not null',
    },
  ],
  properties: {
    tenantId,
    person: p.string().columnType('bytea').primary(),
    erasedAt: instant().name('erased_at'),
    tokensFrom: instant().name('tokens_from'),
    userId: p.text().name('user_id').nullable(),
    isThere: p.boolean().name('is_there'),
  },
});
