import { defineEntity, p } from '@mikro-orm/core';

/** The offset of the service's clock from the machine's, in at most one row, so that all processes agree. */
export const ServiceClock = defineEntity({
  name: 'ServiceClock',
  tableName: 'service_clock',
  properties: {
    id: p.boolean().primary().check('id'),
    offsetMs: p.string().columnType('bigint').name('offset_ms'),
  },
});
