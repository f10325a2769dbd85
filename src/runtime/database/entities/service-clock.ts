import { defineEntity, p } from '@mikro-orm/core';

/** At most one row: how far the service's clock is from the real one, so that all processes agree. */
export const ServiceClock = defineEntity({
  name: 'ServiceClock',
  tableName: 'service_clock',
  properties: {
    id: p.boolean().primary().check('id'),
    offsetMs: p.string().columnType('bigint').name('offset_ms'),
  },
});
