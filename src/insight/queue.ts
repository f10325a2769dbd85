/** The queue of people whose profile is out of date, which `recommend` works off. */
import { Type } from 'typebox';
import { defineContract, uuid } from '../runtime/queues/contract.ts';

/** A person's profile no longer holds. Its id is random and good once: no person is named. */
export const recommendations = defineContract({
  name: 'recommendations',
  worker: 'recommend',
  schema: Type.Object({ tenantId: uuid, profileId: uuid, correlationId: Type.String() }),
  jobId: ({ profileId }) => profileId,
  title: () => 'rebuild a profile',
  attempts: 5,
});
