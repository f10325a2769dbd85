/** The queue of deliveries; the worker `deliver` processes it. */
import { Type } from 'typebox';
import { defineContract, uuid } from '../runtime/queues/contract.ts';

/** A notification is ready to be sent on one channel. */
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
