/** The queue of deliveries; the worker `deliver` processes it. */
import { Type } from 'typebox';
import { ranks } from '../values/rank.ts';
import { defineContract, uuid } from '../runtime/queues/contract.ts';

/** A notification is ready to be sent on one channel. */
export const deliveries = defineContract({
  name: 'deliveries',
  worker: 'deliver',
  schema: Type.Object({
    tenantId: uuid,
    deliveryId: uuid,
    channel: Type.String(),
    /** Jobs of an earlier version have none. */
    rank: Type.Optional(Type.Integer({ minimum: 1 })),
    correlationId: Type.String(),
  }),
  jobId: ({ deliveryId }) => deliveryId,
  priority: ({ rank }) => rank ?? ranks.alert,
  title: ({ channel }) => `deliver ${channel}`,
  attempts: 8,
});
