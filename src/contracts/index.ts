/** Everything that may be queued. */
import { Type } from 'typebox';
import { defineContract } from './contract.ts';

const uuid = Type.String({ format: 'uuid' });
const uuidLength = 36;

/** Batches of events were committed; one commit may hold events of several tenants. */
export const expenseEvents = defineContract({
  name: 'expense-events',
  worker: 'evaluate-alerts',
  schema: Type.Object({
    batchIds: Type.Array(uuid, { minItems: 1 }),
    tenantIds: Type.Array(uuid, { minItems: 1 }),
    events: Type.Integer(),
  }),
  jobId: ({ batchIds }) => batchIds.join().slice(0, uuidLength),
  title: ({ events }) => `evaluate ${events} ${events === 1 ? 'event' : 'events'}`,
  attempts: 5,
});

/** A notification was written and waits to be decided: send, hold, merge. */
export const notifications = defineContract({
  name: 'notifications',
  worker: 'notify',
  schema: Type.Object({ tenantId: uuid, notificationId: uuid, correlationId: Type.String() }),
  jobId: ({ notificationId }) => notificationId,
  title: () => 'decide a notification',
  attempts: 8,
});

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

/** A person's profile no longer holds. Its id is random and good once: no person is named. */
export const recommendations = defineContract({
  name: 'recommendations',
  worker: 'recommend',
  schema: Type.Object({ tenantId: uuid, profileId: uuid, correlationId: Type.String() }),
  jobId: ({ profileId }) => profileId,
  title: () => 'rebuild a profile',
  attempts: 5,
});

/** A slot of a scheduled job was claimed by a clock. `slot` is an instant. */
export const scheduledJobs = defineContract({
  name: 'scheduled-jobs',
  worker: 'run-job',
  schema: Type.Object({ job: Type.String(), slot: Type.String() }),
  jobId: ({ job, slot }) => `${job}-${Temporal.Instant.from(slot).epochMilliseconds}`,
  title: ({ job, slot }) => `${job} ${slot}`,
  attempts: 3,
});

export const contracts = { expenseEvents, notifications, deliveries, recommendations, scheduledJobs };
