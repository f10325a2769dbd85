/** The queue of notifications that wait for a decision; the worker `notify` processes it. */
import { Type } from 'typebox';
import { defineContract, uuid } from '../runtime/queues/contract.ts';

/** A notification was written and waits for its decision. */
export const notifications = defineContract({
  name: 'notifications',
  worker: 'notify',
  schema: Type.Object({ tenantId: uuid, notificationId: uuid, correlationId: Type.String() }),
  jobId: ({ notificationId }) => notificationId,
  title: () => 'decide a notification',
  attempts: 8,
});
