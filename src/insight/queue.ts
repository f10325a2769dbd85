/** The queue of stale profiles, which the worker `recommend` processes. */
import { Type } from 'typebox';
import { defineContract, uuid } from '../runtime/queues/contract.ts';

/** A person's profile is stale. `profileId` is random and used once, so that the job names no person. */
export const recommendations = defineContract({
  name: 'recommendations',
  worker: 'recommend',
  schema: Type.Object({ tenantId: uuid, profileId: uuid, correlationId: Type.String() }),
  jobId: ({ profileId }) => profileId,
  title: () => 'rebuild a profile',
  attempts: 5,
});
