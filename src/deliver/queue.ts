/** The queue of deliveries, which `deliver` works off. */
import { Type } from 'typebox';
import { defineContract, uuid } from '../runtime/queues/contract.ts';

/** One notification on one channel is ready to be sent. */
export const deliveries = defineContract({
  name: 'deliveries',
  worker: 'deliver',
  schema: Type.Object({
    tenantId: uuid,
    deliveryId: uuid,
    channel: Type.String(),
    correlationId: Type.String(),
  }),
  jobId: ({ deliveryId }) => deliveryId,
  title: ({ channel }) => `deliver ${channel}`,
  attempts: 8,
});
