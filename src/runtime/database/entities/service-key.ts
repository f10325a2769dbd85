import { defineEntity, p } from '@mikro-orm/core';

/** Keys of this installation, in one row. `personKey`: half of the key that people's ids are hashed with. */
export const ServiceKey = defineEntity({
  name: 'ServiceKey',
  tableName: 'service_keys',
  properties: {
    id: p.boolean().primary().check('id'),
    personKey: p.text().name('person_key'),
  },
});
